// Draws one panel: marks on axes, as Python sent them. Knows nothing of controls or of the kernel.

const SHADES = ["blue", "orange", "green", "pink", "purple", "ink", "quiet", "line", "edge", "paper", "wash"];
const MINUS = "\u2212";
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const FONT = 12;

/** A number as people write it. */
const written = (value, digits = 4) => {
  const round = Number(value.toPrecision(digits));
  const text = Math.abs(round) < 1e6 ? String(round) : round.toExponential();
  return text.replace("e+", "e").replaceAll("-", MINUS);
};

/** The floats of a field, which come as bytes at any offset. */
function floats(view) {
  if (!(view instanceof DataView)) return view;
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** The theme's colours as [red, green, blue], read off the page: themes change under a figure. */
class Theme {
  constructor(root) {
    this.root = root;
    // Where the system forces its colours, a figure still needs its own to tell marks apart.
    this.probe = h("span", { hidden: "", style: "forced-color-adjust: none" });
    this.pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    root.append(this.probe);
  }

  /** Read all colours again; true where one is new. */
  read() {
    const before = JSON.stringify(this.shades);
    const paper = this.pixel("var(--paper)");
    this.dark = 0.299 * paper[0] + 0.587 * paper[1] + 0.114 * paper[2] < 128;
    this.root.toggleAttribute("data-dark", this.dark);
    this.shades = Object.fromEntries(SHADES.map((name) => [name, this.pixel(`var(--${name})`)]));
    this.font = getComputedStyle(this.root).getPropertyValue("--face") || "sans-serif";
    return JSON.stringify(this.shades) !== before;
  }

  pixel(colour) {
    this.probe.style.color = colour;
    this.pen.fillStyle = getComputedStyle(this.probe).color;
    this.pen.fillRect(0, 0, 1, 1);
    return [...this.pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  }

  /** Call `redraw` when the page changes its size or its colours. */
  watch(redraw) {
    const look = () => this.read() && redraw();
    this.resized = new ResizeObserver(redraw);
    this.resized.observe(this.root);
    this.changed = new MutationObserver(() => [0, 100, 500].forEach((ms) => setTimeout(look, ms)));
    this.changed.observe(document.body, { attributes: true });
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", look);
    this.look = look;
  }

  unwatch() {
    this.resized.disconnect();
    this.changed.disconnect();
    this.scheme.removeEventListener("change", this.look);
  }

  css(name, opacity = 1) {
    return `rgb(${(this.shades[name] ?? this.shades.quiet).join(" ")} / ${opacity})`;
  }
}

/** Round places between two limits: [{ at, text }]. */
function ticks([low, high], room, { log, integer }) {
  const span = Math.abs(high - low);
  const most = Math.max(2, room);
  const raw = span / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  let step = [1, 2, 5, 10].map((part) => part * power).find((part) => part >= raw * 0.999);
  if (log || integer) step = Math.max(1, Math.round(step));
  const found = [];
  const [least, largest] = [Math.min(low, high), Math.max(low, high)];
  for (let n = Math.ceil(least / step - 1e-9); n * step <= largest + 1e-9 * span; n++) {
    const at = n * step;
    found.push({ at, text: log ? power_of_ten(at) : written(Math.abs(at) < 1e-12 ? 0 : at) });
  }
  return found;
}

function power_of_ten(exponent) {
  if (exponent === 0) return "1";
  if (exponent === 1) return "10";
  const digits = [...String(Math.abs(exponent))].map((digit) => RAISED[digit]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** Places for labels beside each other: none nearer than `apart`, all between top and bottom. */
function spread(wanted, apart, top, bottom) {
  const order = wanted.map((_, n) => n).sort((a, b) => wanted[a] - wanted[b]);
  const bare = order.map((n, row) => wanted[n] - row * apart);
  const up = [...bare], down = [...bare];
  for (let n = 1; n < up.length; n++) up[n] = Math.max(up[n], up[n - 1]);
  for (let n = down.length - 2; n >= 0; n--) down[n] = Math.min(down[n], down[n + 1]);
  const last = Math.max(top, bottom - (order.length - 1) * apart);
  const found = [];
  order.forEach((n, row) => {
    found[n] = Math.min(Math.max((up[row] + down[row]) / 2, top), last) + row * apart;
  });
  return found;
}

/** One panel. `acts` is told what is done to its handles. */
class Panel {
  constructor(theme, acts) {
    this.theme = theme;
    this.acts = acts;
    this.title = h("p", { class: "bend-title" });
    this.canvas = h("canvas", { role: "img" });
    this.tip = h("p", { class: "bend-tip", hidden: "", "aria-hidden": "true" });
    this.plot = h("div", { class: "bend-plot" }, this.canvas);
    this.el = h("div", { class: "bend-panel" }, this.title, this.plot);
    this.plot.append(this.tip);
    this.handles = [];
    this.pen = this.canvas.getContext("2d");
    this.raster = new Map();
  }

  show(spec, described) {
    this.spec = spec;
    this.el.dataset.panel = spec.name;
    this.el.style.flex = `${spec.width} 1 ${spec.width}px`;
    if (this.title.textContent !== spec.title) this.title.textContent = spec.title;
    this.title.hidden = !spec.title;
    this.canvas.setAttribute("aria-label", spec.alt || spec.title || "Picture");
    this.canvas.setAttribute("aria-describedby", described);
    const marks = spec.marks.map((mark) =>
      Object.fromEntries(Object.entries(mark).map(([name, value]) => [name, floats(value)])));
    // What is on the page now, and what it is on its way to.
    this.to = { x: spec.x, y: spec.y, marks };
    this.now ??= this.to;
    this.from = this.now;
    this.share = 1;
    this.show_handles(marks.filter(is_handle));
  }

  /** Be this share of the way from the picture before to the new one. */
  go(share) {
    this.share = share;
    this.draw();
  }

  /** Where along the panel, in pixels, a number lies. */
  x(value) {
    const [low, high] = this.now.x.limits;
    return this.left + ((value - low) / (high - low)) * (this.right - this.left);
  }

  y(value) {
    const [low, high] = this.now.y.limits;
    return this.bottom - ((value - low) / (high - low)) * (this.bottom - this.top);
  }

  /** The numbers under a pixel. */
  numbers(x, y) {
    const [[left, right], [low, high]] = [this.now.x.limits, this.now.y.limits];
    return [
      left + ((x - this.left) / (this.right - this.left)) * (right - left),
      low + ((this.bottom - y) / (this.bottom - this.top)) * (high - low),
    ];
  }

  measure(width) {
    const { spec, pen } = this;
    pen.font = `${FONT}px ${this.theme.font}`;
    const wide = (text) => pen.measureText(text).width;
    const labels = this.marks.filter((mark) => mark.kind === "line" && mark.label);
    const right = labels.length ? 10 + Math.max(...labels.map((mark) => wide(mark.label))) : 10;
    this.top = spec.y.shown && spec.y.label ? 24 : 8;
    const below = (spec.x.shown ? 20 : 6) + (spec.x.label ? 18 : 0);
    const rows = ticks(this.now.y.limits, (spec.height - this.top - below) / 36, spec.y);
    this.left = spec.y.shown ? 10 + Math.max(8, ...rows.map((tick) => wide(tick.text))) : 6;
    this.right = width - Math.min(right, 0.4 * width);
    let height = spec.height;
    if (spec.equal) {
      const ratio = Math.abs(
        (spec.y.limits[1] - spec.y.limits[0]) / (spec.x.limits[1] - spec.x.limits[0]));
      // As large as the width allows, and no higher than asked for.
      const across = Math.min(this.right - this.left, (spec.height - this.top - below) / ratio);
      // At the left, where its title is.
      this.right = this.left + across;
      height = Math.round(this.top + across * ratio + below);
    }
    this.bottom = height - below;
    return height;
  }

  draw() {
    const width = this.plot.clientWidth;
    if (!width || !this.spec) return;
    this.now = this.share < 1 ? between(this.from, this.to, this.share) : this.to;
    this.marks = this.now.marks;
    this.handles.forEach((handle, n) => (handle.place = this.marks.filter(is_handle)[n]));
    const height = this.measure(width);
    const sharp = window.devicePixelRatio || 1;
    const [across, down] = [Math.round(width * sharp), Math.round(height * sharp)];
    if (this.canvas.width !== across || this.canvas.height !== down) {
      this.canvas.width = across;
      this.canvas.height = down;
      this.canvas.style.height = `${height}px`;
    }
    const { pen } = this;
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `${FONT}px ${this.theme.font}`;
    pen.lineJoin = pen.lineCap = "round";
    this.draw_sheet();
    for (const mark of this.marks.filter((mark) => mark.kind === "span")) this.span(mark);
    this.draw_axes(width, height);
    pen.save();
    pen.beginPath();
    pen.rect(this.left, this.top - 1, this.right - this.left, this.bottom - this.top + 2);
    pen.clip();
    for (const mark of this.marks) if (!["span", "handle"].includes(mark.kind)) this[mark.kind](mark);
    pen.restore();
    this.draw_labels();
    this.place_handles();
  }

  draw_sheet() {
    if (!this.spec.x.shown && !this.spec.y.shown) return;
    this.pen.fillStyle = this.theme.css("wash");
    this.pen.fillRect(this.left, this.top, this.right - this.left, this.bottom - this.top);
  }

  draw_axes(width, height) {
    const { pen, spec, theme } = this;
    const grid = (x0, y0, x1, y1, colour) => {
      pen.strokeStyle = theme.css(colour);
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(x0, y0);
      pen.lineTo(x1, y1);
      pen.stroke();
    };
    const crisp = (pixel) => Math.round(pixel) + 0.5;
    pen.textBaseline = "middle";
    if (spec.y.shown) {
      pen.textAlign = "right";
      for (const { at, text } of ticks(this.now.y.limits, (this.bottom - this.top) / 36, spec.y)) {
        const y = crisp(this.y(at));
        grid(this.left, y, this.right, y, at === 0 && !spec.y.log ? "edge" : "line");
        pen.fillStyle = theme.css("quiet");
        pen.fillText(text, this.left - 6, y);
      }
      pen.textAlign = "left";
      pen.fillStyle = theme.css("ink");
      pen.fillText(spec.y.label, Math.min(this.left, 4), 9);
    }
    if (spec.x.shown) {
      pen.textAlign = "center";
      for (const { at, text } of ticks(this.now.x.limits, (this.right - this.left) / 52, spec.x)) {
        const x = crisp(this.x(at));
        grid(x, this.top, x, this.bottom, at === 0 && !spec.x.log ? "edge" : "line");
        pen.fillStyle = theme.css("quiet");
        const half = pen.measureText(text).width / 2;
        pen.fillText(text, Math.min(x, width - half - 1), this.bottom + 12);
      }
    }
    if (spec.x.label) {
      pen.textAlign = "center";
      pen.fillStyle = theme.css("ink");
      pen.fillText(spec.x.label, (this.left + this.right) / 2, height - 9);
    }
  }

  // Marks

  line({ x, y, colour, dashes, width, opacity }) {
    const { pen } = this;
    pen.strokeStyle = this.theme.css(colour, opacity);
    pen.lineWidth = width;
    pen.setLineDash(dashes ? [6, 5] : []);
    pen.beginPath();
    let down = false;
    const there = (n) => n < x.length && !Number.isNaN(this.x(x[n])) && !Number.isNaN(this.up(y[n]));
    for (let n = 0; n < x.length; n++) {
      const [across, up] = [this.x(x[n]), this.up(y[n])];
      if (!there(n)) down = false;
      else if (down) pen.lineTo(across, up);
      else if (!there(n + 1)) {
        // A line of one point is a dot.
        pen.moveTo(across + width, up);
        pen.arc(across, up, width, 0, 7);
      }
      else {
        pen.moveTo(across, up);
        down = true;
      }
    }
    pen.stroke();
    pen.setLineDash([]);
  }

  /** A pixel row, not so far off that a canvas loses its way. */
  up(value) {
    const y = this.y(value);
    return Number.isNaN(y) ? y : Math.min(Math.max(y, -1e4), 1e4);
  }

  band({ x, low, high, colour, opacity }) {
    const { pen } = this;
    pen.fillStyle = this.theme.css(colour, opacity);
    pen.beginPath();
    for (let n = 0; n < x.length; n++) pen.lineTo(this.x(x[n]), this.up(high[n]));
    for (let n = x.length - 1; n >= 0; n--) pen.lineTo(this.x(x[n]), this.up(low[n]));
    pen.fill();
  }

  fill({ x, y, colour, opacity }) {
    const { pen } = this;
    pen.fillStyle = this.theme.css(colour, opacity);
    pen.beginPath();
    for (let n = 0; n < x.length; n++) pen.lineTo(this.x(x[n]), this.up(y[n]));
    pen.fill();
  }

  span({ low, high, text }) {
    const { pen } = this;
    const [from, to] = [low, high].map((value) =>
      Math.min(Math.max(this.x(value), this.left), this.right));
    if (to - from < 1) return;
    pen.fillStyle = this.theme.css("ink", 0.06);
    pen.fillRect(from, this.top, to - from, this.bottom - this.top);
    if (!text || pen.measureText(text).width > to - from) return;
    pen.fillStyle = this.theme.css("quiet");
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(text, (from + to) / 2, this.top + 0.6 * (this.bottom - this.top));
  }

  image(mark) {
    const [rows, columns] = mark.shape;
    const picture = this.colour(mark, rows, columns);
    const [[left, right], [low, high]] = mark.limits;
    const [x, y] = [this.x(left), this.y(high)];
    const { pen } = this;
    pen.globalAlpha = mark.opacity;
    // Two images laid over each other: full colours of both are darkest, on dark paper lightest.
    if (mark.mixes) pen.globalCompositeOperation = this.theme.dark ? "screen" : "multiply";
    pen.imageSmoothingEnabled = mark.smooth;
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, x, y, this.x(right) - x, this.y(low) - y);
    pen.globalAlpha = 1;
    pen.globalCompositeOperation = "source-over";
  }

  /** The values of an image as colours, on a canvas of its own. */
  colour({ values, reach }, rows, columns) {
    const key = `${rows}×${columns}`;
    if (!this.raster.has(key)) {
      const raster = document.createElement("canvas");
      [raster.width, raster.height] = [columns, rows];
      this.raster.set(key, raster);
    }
    const raster = this.raster.get(key);
    const pen = raster.getContext("2d");
    const data = pen.createImageData(columns, rows);
    const { paper, blue, orange } = this.theme.shades;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const value = values[row * columns + column] / reach;
        const share = 0.92 * Math.min(Math.abs(value), 1);
        const full = value > 0 ? blue : orange;
        const at = 4 * ((rows - 1 - row) * columns + column);
        for (let part = 0; part < 3; part++) {
          data.data[at + part] = paper[part] + share * (full[part] - paper[part]);
        }
        data.data[at + 3] = Number.isNaN(value) ? 0 : 255;
      }
    }
    pen.putImageData(data, 0, 0);
    return raster;
  }

  points({ x, y, colour, marker, size, hollow }) {
    const { pen, theme } = this;
    pen.fillStyle = theme.css(hollow ? "paper" : colour);
    pen.strokeStyle = theme.css(hollow ? colour : "paper");
    pen.lineWidth = hollow ? 2 : 1;
    const corners = CORNERS[marker];
    for (let n = 0; n < x.length; n++) {
      const [across, up] = [this.x(x[n]), this.up(y[n])];
      pen.beginPath();
      if (corners) {
        for (const [right, down] of corners) pen.lineTo(across + size * right, up + size * down);
        pen.closePath();
      } else pen.arc(across, up, 0.9 * size, 0, 7);
      pen.fill();
      pen.stroke();
    }
  }

  arrow({ start, end, colour, width }) {
    const { pen } = this;
    const [x0, y0, x1, y1] = [this.x(start[0]), this.y(start[1]), this.x(end[0]), this.y(end[1])];
    const long = Math.hypot(x1 - x0, y1 - y0);
    if (!(long > 0.5)) return;
    const [right, down] = [(x1 - x0) / long, (y1 - y0) / long];
    const head = Math.min(11, long);
    const [x, y] = [x1 - head * right, y1 - head * down];
    pen.strokeStyle = pen.fillStyle = this.theme.css(colour);
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.lineTo(x, y);
    pen.stroke();
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x - 0.45 * head * down, y + 0.45 * head * right);
    pen.lineTo(x + 0.45 * head * down, y - 0.45 * head * right);
    pen.fill();
  }

  text({ x, y, text, colour, align, size }) {
    const { pen } = this;
    pen.font = `${size}px ${this.theme.font}`;
    pen.textAlign = align;
    pen.textBaseline = "middle";
    pen.lineWidth = 4;
    pen.strokeStyle = this.theme.css("paper", 0.85);
    pen.strokeText(text, this.x(x), this.y(y));
    pen.fillStyle = this.theme.css(colour);
    pen.fillText(text, this.x(x), this.y(y));
    pen.font = `${FONT}px ${this.theme.font}`;
  }

  /** The name of each line, level with its right end. */
  draw_labels() {
    const lines = this.marks.filter((mark) => mark.kind === "line" && mark.label);
    const ends = lines.map(({ y }) => {
      const last = y.findLast((value) => !Number.isNaN(value)) ?? NaN;
      return Math.min(Math.max(this.up(last), this.top), this.bottom) || this.bottom;
    });
    const places = spread(ends, 16, this.top + 4, this.bottom - 2);
    this.pen.textAlign = "left";
    this.pen.textBaseline = "middle";
    lines.forEach((mark, n) => {
      this.pen.fillStyle = this.theme.css(mark.colour);
      this.pen.fillText(mark.label, this.right + 6, places[n]);
    });
  }

  // Handles: real buttons over the canvas, so that the keyboard and a screen reader find them.

  show_handles(marks) {
    while (this.handles.length > marks.length) {
      const gone = this.handles.pop();
      this.held = null;
      if (gone === document.activeElement) this.theme.root.focus({ preventScroll: true });
      gone.remove();
    }
    while (this.handles.length < marks.length) this.handles.push(this.make_handle());
    this.handles.forEach((handle, n) => {
      const mark = marks[n];
      handle.mark = mark;
      handle.place ??= mark;
      handle.setAttribute("aria-label", mark.label);
      handle.style.setProperty("--own", `var(--${mark.colour})`);
    });
    if (this.told && !this.told.isConnected) this.tell(null);
  }

  make_handle() {
    const handle = h("button", {
      type: "button",
      class: "bend-handle",
      "aria-roledescription": "handle",
      pointerdown: (event) => this.grab(handle, event),
      pointermove: (event) => this.drag(handle, event),
      pointerup: () => (this.held = null),
      pointercancel: () => (this.held = null),
      pointerenter: () => this.tell(handle),
      pointerleave: () => this.tell(this.handles.find((other) => other.matches(":focus-visible"))),
      focus: () => this.tell(handle),
      blur: () => this.tell(null),
      keydown: (event) => this.key(handle, event),
    });
    this.plot.insertBefore(handle, this.tip);
    return handle;
  }

  place_handles() {
    for (const handle of this.handles) {
      const { x, y, size } = handle.place;
      handle.style.width = handle.style.height = `${size}px`;
      // Where its place is outside the picture it waits at the edge, and can still be dragged.
      handle.at = [within(this.x(x), this.left, this.right), within(this.y(y), this.top, this.bottom)];
      handle.style.left = `${handle.at[0] - size / 2}px`;
      handle.style.top = `${handle.at[1] - size / 2}px`;
    }
    if (this.told) this.tell(this.told);
  }

  grab(handle, event) {
    if (event.button) return;
    handle.setPointerCapture(event.pointerId);
    const box = handle.getBoundingClientRect();
    // Where it is held stays under the pointer.
    this.held = [event.clientX - box.x - box.width / 2, event.clientY - box.y - box.height / 2];
  }

  drag(handle, event) {
    if (!this.held) return;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = this.numbers(
      event.clientX - this.held[0] - box.x, event.clientY - this.held[1] - box.y);
    const { moves, origin } = handle.mark;
    // A log axis comes as its powers of ten.
    const number = (value, axis) => (axis.log ? 10 ** value : value);
    this.acts.move(moves, [
      number(x, this.spec.x) - origin[0], number(y, this.spec.y) - origin[1]]);
  }

  key(handle, event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
    const way = ways[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    // A handle with one way to go takes every arrow for it.
    const [across, up] = handle.mark.moves;
    const both = way[0] + way[1];
    const steps = across && up ? way : [across && both, up && both];
    const each = event.shiftKey ? 10 : 1;
    this.acts.nudge(handle.mark.moves, steps.map((step) => (step || 0) * each));
  }

  tell(handle) {
    this.told = handle ?? null;
    const text = handle?.mark.tip;
    this.tip.hidden = !text;
    if (!text) return;
    if (this.tip.textContent !== text) this.tip.textContent = text;
    const [x, y] = handle.at;
    const room = this.plot.clientWidth - this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, Math.min(x - this.tip.offsetWidth / 2, room))}px`;
    const high = this.tip.offsetHeight + handle.offsetHeight / 2 + 4;
    this.tip.style.top = `${y - high < 0 ? y + handle.offsetHeight / 2 + 4 : y - high}px`;
  }
}

const within = (value, low, high) => Math.min(Math.max(value, low), high);
const is_handle = (mark) => mark.kind === "handle";

/** Numbers a share of the way from one to the other, in whatever they stand; all else is new. */
function between(from, to, share) {
  if (typeof from === "number" && typeof to === "number") return from + share * (to - from);
  if (!from || !to || typeof to !== "object" || from.length !== to.length) return to;
  if (from.kind !== to.kind || from.log !== to.log) return to;
  if (to instanceof Float32Array) return to.map((value, n) => from[n] + share * (value - from[n]));
  if (Array.isArray(to)) return to.map((value, n) => between(from[n], value, share));
  return Object.fromEntries(
    Object.entries(to).map(([name, value]) => [name, between(from[name], value, share)]));
}

const CORNERS = {
  "^": [[0, -1.1], [1, 0.75], [-1, 0.75]],
  s: [[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]],
  D: [[0, -1.1], [1.1, 0], [0, 1.1], [-1.1, 0]],
};
