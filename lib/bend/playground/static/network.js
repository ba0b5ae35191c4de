// The network of the playground: units, edges, and what is pointed at. Uses canvas.js.

const UNIT = 34; // pixels
const PITCH = 43;
const HEAD = 96; // above the units, for what is set of their layer
const COLUMN = 80; // the least from column to column
const LEFT = 62; // for the names of the inputs

/** How thick an edge is, from 0 to 1: tiny weights are hairlines, whatever the others are. */
const thickness = (weight) =>
  Number.isFinite(weight) ? Math.abs(weight) / (Math.abs(weight) + 0.7) : 1;
const short = (value) => (Number.isFinite(value) ? written(value, 2) : "no number");

/** The network: inputs, a picture for each unit, edges. Or, where it is larger, a square a unit. */
class Network {
  constructor(owner) {
    this.owner = owner;
    this.canvas = h("canvas", { role: "img", "aria-label": "Network" });
    this.pen = this.canvas.getContext("2d");
    this.tip = h("p", { class: "bend-tip", hidden: "", "aria-hidden": "true" });
    this.field = h("div", { class: "bend-field", pointermove: (event) => this.hover(event),
      pointerleave: () => this.point(null) }, this.canvas);
    this.el = h("div", { class: "bend-net" }, this.field);
    this.raster = document.createElement("canvas");
    this.nodes = [];
    this.heads = [];
    this.told = null;
  }

  /** Make the buttons of units and the controls of layers, where the shape is another. */
  build(state) {
    const { hidden, activations, inputs } = state.values;
    const shape = JSON.stringify([state.pictured, hidden, state.outputs]);
    let back = null;
    if (shape !== this.shape) {
      this.shape = shape;
      const n = this.heads.findIndex(({ el }) => el.contains(document.activeElement));
      if (n >= 0) back = [n, focusable(this.heads[n].el).indexOf(document.activeElement)];
      this.pictured = state.pictured;
      this.outputs = state.outputs;
      const focus = this.nodes.find(({ el }) => el === document.activeElement);
      this.field.replaceChildren(this.canvas, this.tip);
      this.told = null;
      this.nodes = this.pictured ? this.make_nodes(hidden) : [];
      this.heads = this.pictured ? hidden.map((_, n) => this.make_head(n)) : [];
      this.field.append(...this.nodes.map(({ el }) => el), ...this.heads.map(({ el }) => el));
      this.stop = this.nodes.find(({ layer, unit }) => layer === focus?.layer && unit === focus?.unit);
      this.stop ??= this.nodes[0];
      if (focus) (this.stop?.el ?? this.owner.toggle).focus();
      this.owner.detail_default = this.pictured
        ? "Each small picture is one unit: what it answers all over the plane. Each line is a weight, thick where it is large, orange where it is positive. " +
          "Point at one, or go there with Tab and the arrow keys, to read its numbers. Press an input to switch it on or off."
        : "Each square is a unit, each numbered block a layer. Its colour is its slope: blank for 0, full for 1. Struck out in pink is a dead unit.";
    }
    this.hidden = hidden;
    this.activations = activations;
    this.inputs = inputs;
    this.nodes.forEach((node) => this.label(node));
    this.heads.forEach(({ select, units }, n) => {
      select.value = activations[n];
      if (document.activeElement !== units.input) units.fill(hidden[n]);
    });
    if (!back) return;
    // Last, since a field with the focus is not filled. Wide layers have no controls of their own.
    const head = this.heads[back[0]];
    (head ? focusable(head.el)[back[1]] : this.owner.controls.get("units").main).focus();
  }

  make_nodes(hidden) {
    const node = (layer, unit) => {
      const made = { layer, unit };
      made.el = h("button", { type: "button", class: "bend-unit", tabindex: "-1",
        pointerenter: () => this.point(made), pointerleave: () => this.point(null),
        focus: () => this.point(made), blur: () => this.point(null),
        click: () => layer === 0 && this.switch_input(unit),
        keydown: (event) => this.key(made, event) });
      if (layer === 0) made.el.setAttribute("role", "switch");
      return made;
    };
    const inputs = this.owner.form.inputs.map((_, unit) => node(0, unit));
    const units = hidden.flatMap((width, n) => Array.from({ length: width }, (_, unit) => node(n + 1, unit)));
    return [...inputs, ...units, ...this.outputs.map((_, unit) => node(hidden.length + 1, unit))];
  }

  make_head(n) {
    const { form } = this.owner;
    const select = h("select", { "aria-label": `Activation of layer ${n + 1}`,
      change: () => this.owner.set("activations",
        this.owner.value("activations").map((name, at) => (at === n ? select.value : name))) },
      ...form.activations.map(([value, words]) => h("option", { value }, words)));
    const units = step_between({ low: 1, high: form.widest, counted: ["unit", ` in layer ${n + 1}`],
      "aria-label": `Units of layer ${n + 1}`,
      set: (value) => this.owner.set("hidden",
        this.owner.value("hidden").map((width, at) => (at === n ? value : width))) });
    return { select, units, el: h("div", { class: "bend-layer" },
      h("span", { "aria-hidden": "true" }, `Layer ${n + 1}`), select, units.el) };
  }

  switch_input(unit) {
    const { name } = this.owner.form.inputs[unit];
    const order = this.owner.form.inputs.map((input) => input.name);
    const before = this.owner.value("inputs");
    const on = before.includes(name) ? before.filter((other) => other !== name) : [...before, name];
    this.owner.set("inputs", order.filter((other) => on.includes(other)));
  }

  label({ layer, unit, el }) {
    if (layer === 0) {
      const { name, label } = this.owner.form.inputs[unit];
      el.setAttribute("aria-label", `Input ${label}`);
      el.setAttribute("aria-checked", String(this.inputs.includes(name)));
      return;
    }
    el.setAttribute("aria-label", this.title(layer, unit));
  }

  // Where things are

  place() {
    const columns = this.hidden.length + 2;
    const deep = Math.max(this.owner.form.inputs.length, 1, ...this.hidden);
    const least = LEFT + UNIT + 10 + COLUMN * (columns - 1);
    // The output goes below a network that would not fit beside it.
    this.owner.stage.toggleAttribute("data-long", this.owner.stage.clientWidth - 324 < least);
    const width = Math.max(this.el.clientWidth, least);
    const height = HEAD + deep * PITCH + 8;
    this.x = (layer) => LEFT + UNIT / 2 + (layer * (width - LEFT - UNIT - 10)) / (columns - 1);
    this.y = (unit, count) => HEAD + (height - HEAD) / 2 + (unit - (count - 1) / 2) * PITCH;
    for (const { layer, unit, el } of this.nodes) {
      el.style.left = `${this.x(layer) - UNIT / 2}px`;
      el.style.top = `${this.y(unit, this.count(layer)) - UNIT / 2}px`;
      el.tabIndex = el === this.stop?.el ? 0 : -1;
    }
    const pitch = this.x(1) - this.x(0);
    this.heads.forEach(({ el }, n) => {
      el.style.left = `${this.x(n + 1) - Math.min(pitch - 4, 96) / 2}px`;
      el.style.width = `${Math.min(pitch - 4, 96)}px`;
    });
    return [width, height];
  }

  count(layer) {
    if (layer === 0) return this.owner.form.inputs.length;
    return this.hidden[layer - 1] ?? this.outputs.length;
  }

  /** Rows of the inputs that are in use, by their place in the first weights. */
  used() {
    return this.owner.form.inputs.flatMap(({ name }, n) => (this.inputs.includes(name) ? [n] : []));
  }

  /** Every edge: from, to, weight. Weights come layer by layer, each row by row. */
  edges({ weights }) {
    const found = [];
    let at = 0;
    for (let layer = 0; layer <= this.hidden.length; layer++) {
      const from = layer === 0 ? this.used() : [...Array(this.count(layer)).keys()];
      for (const i of from) {
        for (let j = 0; j < this.count(layer + 1); j++) found.push({ layer, i, j, weight: weights[at++] });
      }
    }
    return found;
  }

  // Drawing

  draw(frame) {
    this.frame = frame;
    // Numbers of another shape are on their way.
    const { pictured } = this;
    const units = this.hidden.reduce((sum, width) => sum + width, 0);
    if (pictured ? frame.units.length !== units * frame.small ** 2 : frame.slopes.length !== units) return;
    const [width, height] = pictured ? this.place() : [this.el.clientWidth, 330];
    if (!width) return;
    const sharp = window.devicePixelRatio || 1;
    const { canvas, pen } = this;
    if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
      [canvas.width, canvas.height] = [Math.round(width * sharp), Math.round(height * sharp)];
      [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
      this.field.style.width = `${width}px`;
      this.field.style.height = `${height}px`;
    }
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `12px ${this.owner.theme.font}`;
    if (pictured) {
      this.all = this.edges(frame);
      this.draw_edges();
      this.draw_units(frame);
    } else this.draw_squares(frame, width, height);
  }

  draw_edges() {
    const { told } = this;
    for (const edge of this.all) {
      const near = told && (told.edge
        ? edge.layer === told.edge.layer && edge.i === told.edge.i && edge.j === told.edge.j
        : (edge.layer + 1 === told.layer && edge.j === told.unit) || (edge.layer === told.layer && edge.i === told.unit));
      const share = thickness(edge.weight);
      const strength = told && !near ? 0.12 : 0.2 + 0.8 * share;
      this.pen.strokeStyle = this.owner.theme.css(edge.weight > 0 ? "orange" : "blue", strength);
      this.pen.lineWidth = 0.4 + 5 * share + (near && told.edge ? 1.5 : 0);
      const [x0, y0, x1, y1] = this.ends(edge);
      this.pen.beginPath();
      this.pen.moveTo(x0, y0);
      this.pen.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
      this.pen.stroke();
    }
  }

  ends({ layer, i, j }) {
    return [this.x(layer) + UNIT / 2, this.y(i, this.count(layer)),
      this.x(layer + 1) - UNIT / 2, this.y(j, this.count(layer + 1))];
  }

  draw_units(frame) {
    const { pen, owner } = this;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    owner.form.inputs.forEach(({ name, label }, n) => {
      const on = this.inputs.includes(name);
      const y = this.y(n, this.count(0));
      pen.globalAlpha = on ? 1 : 0.3;
      this.draw_unit(floats(owner.form.pictures[n]), 20, this.x(0), y);
      pen.globalAlpha = 1;
      pen.fillStyle = owner.theme.css(on ? "ink" : "quiet");
      pen.fillText(label, this.x(0) - UNIT / 2 - 6, y);
    });
    let at = 0;
    const square = frame.small ** 2;
    this.hidden.forEach((width, n) => {
      for (let unit = 0; unit < width; unit++, at++) {
        const values = frame.units.subarray(at * square, (at + 1) * square);
        this.draw_unit(values, frame.small, this.x(n + 1), this.y(unit, width));
        if (frame.off[at]) this.strike(this.x(n + 1) - UNIT / 2, this.y(unit, width) - UNIT / 2, UNIT, UNIT);
      }
    });
    const { length } = this.outputs;
    for (let unit = 0; unit < length; unit++) {
      const coarse = this.coarse(this.output(frame, unit), frame.size);
      this.draw_unit(coarse.values, coarse.size, this.x(this.hidden.length + 1), this.y(unit, length));
    }
    pen.fillStyle = owner.theme.css("ink");
    pen.textAlign = "center";
    pen.fillText("Inputs", this.x(0), 12);
    pen.fillText(length > 1 ? "Outputs" : "Output", this.x(this.hidden.length + 1) - 6, 12);
  }

  /** What one output says all over the plane; of labels each in its colour, and blank for no. */
  output({ shades, size }, unit) {
    const said = shades.subarray(unit * size ** 2, (unit + 1) * size ** 2);
    return this.outputs.length < 2 ? said : said.map((value) => ((unit ? -1 : 1) * (1 + value)) / 2);
  }

  coarse(shades, size) {
    const every = Math.max(1, Math.round(size / 20));
    const rows = [...Array(Math.floor(size / every)).keys()].map((n) => n * every + (every >> 1));
    return { size: rows.length,
      values: Float32Array.from(rows.flatMap((row) => rows.map((column) => shades[row * size + column]))) };
  }

  draw_unit(values, size, x, y) {
    const { pen, raster, owner } = this;
    const { paper, blue, orange, edge } = owner.theme.shades;
    if (raster.width !== size) raster.width = raster.height = size;
    const brush = raster.getContext("2d");
    this.data = this.data?.width === size ? this.data : brush.createImageData(size, size);
    const { data } = this.data;
    let reach = 0;
    for (const value of values) if (Math.abs(value) > reach) reach = Math.abs(value);
    for (let n = 0; n < values.length; n++) {
      const share = reach ? values[n] / reach : 0;
      const full = share > 0 ? orange : blue;
      const part = Math.abs(share) * 0.9;
      const to = 4 * ((size - 1 - Math.floor(n / size)) * size + (n % size));
      data[to] = paper[0] + part * (full[0] - paper[0]);
      data[to + 1] = paper[1] + part * (full[1] - paper[1]);
      data[to + 2] = paper[2] + part * (full[2] - paper[2]);
      data[to + 3] = 255;
    }
    brush.putImageData(this.data, 0, 0);
    pen.drawImage(raster, x - UNIT / 2, y - UNIT / 2, UNIT, UNIT);
    pen.strokeStyle = `rgb(${edge.join(" ")})`;
    pen.lineWidth = 1;
    pen.strokeRect(x - UNIT / 2, y - UNIT / 2, UNIT, UNIT);
  }

  /** Mark a unit as dead. */
  strike(x, y, wide, high) {
    const { pen } = this;
    pen.strokeStyle = this.owner.theme.css("pink");
    pen.lineWidth = Math.min(2, wide / 8, high / 4);
    pen.strokeRect(x, y, wide, high);
    pen.beginPath();
    pen.moveTo(x, y + high);
    pen.lineTo(x + wide, y);
    pen.stroke();
  }

  draw_squares({ slopes, off }, width, height) {
    const { pen, owner, hidden } = this;
    const [top, below] = [6, 24];
    const room = height - top - below;
    const across = width / hidden.length;
    let at = 0;
    hidden.forEach((count, layer) => {
      // As many side by side as makes them about square.
      const columns = Math.max(1, Math.round(Math.sqrt((count * across) / room)));
      const [wide, high] = [(across - 4) / columns, Math.min(room / Math.ceil(count / columns), 60)];
      const start = top + (room - Math.ceil(count / columns) * high) / 2;
      for (let unit = 0; unit < count; unit++, at++) {
        const box = [2 + layer * across + (unit % columns) * wide + 0.5,
          start + Math.floor(unit / columns) * high + 0.5, Math.max(wide - 1, 1), Math.max(high - 1, 1)];
        pen.fillStyle = owner.theme.css("ink", 0.07);
        pen.fillRect(...box);
        pen.fillStyle = owner.theme.css("green", Math.min(Math.max(slopes[at], 0), 1) || 0);
        pen.fillRect(...box);
        if (off[at]) this.strike(...box);
      }
      if (hidden.length <= 20 || layer % 5 === 4 || !layer) {
        pen.fillStyle = owner.theme.css("quiet");
        pen.textAlign = "center";
        pen.textBaseline = "middle";
        const half = pen.measureText(layer + 1).width / 2;
        pen.fillText(layer + 1, within((layer + 0.5) * across, half, width - half), height - 10);
      }
    });
  }

  // What is pointed at

  key(node, event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const turn = { PageDown: 1, PageUp: -1 }[event.key];
    if (turn) {
      event.preventDefault();
      return this.walk_edges(node, turn);
    }
    const way = ways[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [right, down] = way;
    const layer = Math.min(Math.max(node.layer + right, 0), this.hidden.length + 1);
    // Level with where one comes from.
    const level = this.y(node.unit, this.count(node.layer)) + down * PITCH;
    const column = this.nodes.filter((other) => other.layer === layer);
    const gap = ({ unit }) => Math.abs(this.y(unit, this.count(layer)) - level);
    const next = column.reduce((best, other) => (gap(other) < gap(best) ? other : best));
    this.stop = next;
    this.nodes.forEach(({ el }) => (el.tabIndex = el === next.el ? 0 : -1));
    next.el.focus();
  }

  walk_edges(node, turn) {
    const into = this.all.filter((edge) => edge.layer + 1 === node.layer && edge.j === node.unit);
    if (!into.length) return;
    const now = into.findIndex(({ i }) => this.told?.edge?.i === i && this.told.edge.layer + 1 === node.layer);
    const next = now < 0 ? (turn > 0 ? 0 : into.length - 1) : (now + turn + into.length) % into.length;
    this.point({ ...node, edge: into[next] });
    this.owner.announce(this.owner.detail.textContent);
  }

  hover(event) {
    if (!this.pictured || event.target !== this.canvas || !this.all) return;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.x, event.clientY - box.y];
    const edge = this.nearest(x, y);
    this.point(edge ? { edge } : null);
    this.tip.hidden = !edge;
    if (!edge) return;
    this.tip.textContent = written(edge.weight, 3);
    this.tip.style.left = `${x + 12}px`;
    this.tip.style.top = `${y - 26}px`;
  }

  nearest(x, y) {
    let [best, least] = [null, 7];
    for (const edge of this.all) {
      const [x0, y0, x1, y1] = this.ends(edge);
      if (x < x0 || x > x1) continue;
      const gap = Math.abs(y - height_at((x - x0) / (x1 - x0), y0, y1));
      if (gap < least) [best, least] = [edge, gap];
    }
    return best;
  }

  /** Show this unit or edge, or what has the focus where there is none. */
  point(told) {
    const focused = this.nodes.find(({ el }) => el.matches(":focus-visible"));
    this.told = told ?? focused ?? null;
    if (!told?.edge) this.tip.hidden = true;
    if (!this.frame) return;
    this.draw(this.frame);
    this.owner.pictures.draw_border(this.frame);
    this.tell();
  }

  /** Write the numbers of what is pointed at. */
  tell() {
    const { owner, told } = this;
    const text = !this.pictured || !told || !this.all ? owner.detail_default
      : told.edge ? this.tell_edge(told.edge) : this.tell_unit(told);
    if (owner.detail.textContent !== text) owner.detail.textContent = text;
    if (told?.el) told.el.setAttribute("aria-describedby", owner.detail.id);
  }

  name(layer, unit) {
    if (layer === 0) return `input ${this.owner.form.inputs[unit].label}`;
    if (layer <= this.hidden.length) return `unit ${unit + 1} of layer ${layer}`;
    return `the output${this.outputs[unit] && ` for the ${this.outputs[unit]}`}`;
  }

  title(layer, unit) {
    return upper(this.name(layer, unit).replace("the ", ""));
  }

  tell_edge({ layer, i, j }) {
    const { weight } = this.all.find((edge) => edge.layer === layer && edge.i === i && edge.j === j) ?? {};
    if (weight == null) return this.owner.detail_default;
    if (!this.tip.hidden) this.tip.textContent = written(weight, 3);
    return `Weight from ${this.name(layer, i)} to ${this.name(layer + 1, j)}: ${written(weight, 3)}.`;
  }

  tell_unit({ layer, unit }) {
    const { owner, frame } = this;
    if (layer === 0) {
      const on = this.inputs.includes(owner.form.inputs[unit].name);
      return `Input ${owner.form.inputs[unit].label}: ${on ? "on" : "off"}; press it to switch it ${on ? "off" : "on"}.`;
    }
    const before = this.hidden.slice(0, layer - 1).reduce((sum, width) => sum + width, 0);
    const bias = frame.biases[before + unit];
    const into = this.all.filter((edge) => edge.layer + 1 === layer && edge.j === unit);
    const name = this.name(layer, unit);
    const bend = this.activations[layer - 1];
    const dead = frame.off[before + unit] && layer <= this.hidden.length ? " It is dead: its slope is flat at every training point." : "";
    return `${upper(name)}${bend ? `, ${bend.replace("_", " ")}` : ""}: bias ${short(bias)}; ` +
      `weights ${into.map(({ i, weight }) => `${short(weight)} from ${this.short_name(layer - 1, i)}`).join(", ")}.${dead}`;
  }

  short_name(layer, unit) {
    return layer === 0 ? this.owner.form.inputs[unit].label : `unit ${unit + 1}`;
  }

  /** What the pointed-at unit answers all over the plane; nothing for inputs and a single output. */
  picture(frame) {
    const { told } = this;
    if (!this.pictured || !told || told.edge || told.layer === 0) return null;
    const title = this.title(told.layer, told.unit);
    if (told.layer > this.hidden.length) {
      if (this.outputs.length < 2) return null;
      return { values: this.output(frame, told.unit), size: frame.size, reach: 1, title, asks: `label ${told.unit}` };
    }
    const before = this.hidden.slice(0, told.layer - 1).reduce((sum, width) => sum + width, 0);
    const square = frame.small ** 2;
    const values = frame.units.subarray((before + told.unit) * square, (before + told.unit + 1) * square);
    const reach = Math.max(...values.map(Math.abs)) || 1;
    return values.length && { values, size: frame.small, reach, title };
  }
}

const upper = (words) => words[0].toUpperCase() + words.slice(1);

const focusable = (el) => [...el.querySelectorAll("select, button, input")];

/** The height of an edge's curve a share of the way across: both its middle points are half-way. */
function height_at(share, y0, y1) {
  let [low, high] = [0, 1];
  for (let n = 0; n < 12; n++) {
    const t = (low + high) / 2;
    const across = 1.5 * t * (1 - t) ** 2 + 1.5 * t * t * (1 - t) + t ** 3;
    if (across < share) low = t;
    else high = t;
  }
  const t = (low + high) / 2;
  const up = 3 * t * t * (1 - t) + t ** 3;
  return y0 + up * (y1 - y0);
}
