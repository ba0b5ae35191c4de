// The playground: what is done goes to Python, what Python computes is drawn in the next frame.
// Drawn with canvas.js, set with controls.js; the network, its units and its edges are drawn here.

const UNIT = 34; // pixels
const PITCH = 43;
const HEAD = 96; // above the units, for what is set of their layer
const COLUMN = 74; // the least from column to column
const LEFT = 62; // for the names of the inputs
const PATIENCE = 4000; // ms without a reply before the playground says so
const ASLEEP = "This playground is asleep: run its cell (Shift+Enter) to play.";
const SILENT =
  "No reply yet. While another cell runs, the playground waits its turn; else run this cell again.";

/** How thick an edge is, from 0 to 1: tiny weights are hairlines, whatever the others are. */
const thickness = (weight) =>
  Number.isFinite(weight) ? Math.abs(weight) / (Math.abs(weight) + 0.7) : 1;
const short = (value) => (Number.isFinite(value) ? written(value, 2) : "no number");
const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

class Playground {
  constructor(model, el) {
    this.model = model;
    this.uid = `bend-${Math.random().toString(36).slice(2)}`;
    this.form = model.get("form");
    this.wanted = {};
    this.controls = new Map();
    this.shown = { layer: null };
    this.build(el);
    this.theme = new Theme(this.root);
    this.theme.read();
    this.hear_state();
    this.listen(el);
    this.hear_frame();
  }

  id(name) {
    return `${this.uid}-${name}`;
  }

  // Building

  build(el) {
    this.summary = h("p", { class: "bend-summary", id: this.id("summary") });
    this.status = h("p", { class: "bend-unseen", role: "status" });
    this.sleep = h("p", { class: "bend-sleep", hidden: "" });
    this.notice = h("p", { class: "bend-notice", role: "alert", hidden: "" });
    this.network = new Network(this);
    this.root = h("div",
      { class: "bend-live bend-playground", role: "group", "aria-label": "Playground", tabindex: "-1",
        keydown: (event) => this.key(event) },
      this.make_bar(), this.make_story(), this.notice, this.make_top(), this.make_stage(),
      this.make_charts(), this.make_more(), this.summary, this.make_text(), this.sleep, this.status);
    el.append(this.root);
  }

  make_bar() {
    const button = (name, label, more = {}) =>
      (this[name] = h("button", { type: "button", click: () => this.send({ do: name }), ...more }, label));
    this.toggle = h("button", { type: "button", class: "bend-main bend-play",
      click: () => this.send({ do: this.state.playing ? "pause" : "play" }) }, "Play");
    this.count = h("p", { class: "bend-count" });
    return h("div", { class: "bend-bar", role: "group", "aria-label": "Play" },
      this.toggle, button("step", "Step"), button("reset", "Reset"), this.count,
      this.make_control("speed"), this.make_presets());
  }

  make_presets() {
    const lessons = Map.groupBy
      ? Map.groupBy(this.form.presets, (preset) => preset.lesson)
      : this.form.presets.reduce((map, preset) =>
          map.set(preset.lesson, [...(map.get(preset.lesson) ?? []), preset]), new Map());
    const groups = [...lessons].map(([lesson, presets]) => h("optgroup", { label: `Lesson ${lesson}` },
      ...presets.map(({ name, title }) => h("option", { value: name }, title))));
    this.presets = h("select", { id: this.id("presets"),
      change: () => this.presets.value && this.send({ do: "preset", name: this.presets.value }) },
      h("option", { value: "" }, "your own settings"), ...groups);
    return h("div", { class: "bend-control bend-choice bend-presets" },
      h("label", { for: this.id("presets") }, "Preset"), this.presets);
  }

  make_story() {
    this.story = h("div", { class: "bend-story", hidden: "" });
    return this.story;
  }

  make_top() {
    const made = (wanted) => this.form.controls.filter(({ group }) => group === wanted)
      .map(({ name }) => this.make_control(name));
    const next = h("button", { type: "button",
      click: () => this.set("seed", (this.value("seed") + 1) % 100) }, "Next seed");
    return h("div", { class: "bend-tops" },
      h("div", { class: "bend-controls bend-top" }, this.make_data(), ...made("data"), next),
      h("div", { class: "bend-controls bend-top" }, ...made("top")));
  }

  make_data() {
    this.samples = this.form.data.map((sample) => {
      const input = h("input", { type: "radio", name: this.id("data"), value: sample.name,
        change: () => this.set("data", sample.name) });
      const canvas = h("canvas", { "aria-hidden": "true", width: 88, height: 88 });
      return { ...sample, input, canvas,
        el: h("label", { title: sample.name }, input, h("span", {}, canvas, h("span", {}, sample.name))) };
    });
    return h("fieldset", { class: "bend-control bend-samples" }, h("legend", {}, "Data"),
      ...this.samples.map(({ el }) => el));
  }

  make_stage() {
    this.border = new Panel(this.theme_later(), this);
    this.border.pen.canvas.dataset.picture = "border";
    this.detail = h("p", { class: "bend-detail", id: this.id("detail") });
    this.seen = h("p", { class: "bend-seen" });
    this.train = h("p", {});
    this.test = h("p", {});
    const hidden = (this.hollow = h("input", { type: "checkbox", checked: "", change: () => this.redraw() }));
    this.output = h("section", { class: "bend-output", "aria-label": "Output" },
      this.seen, this.border.el,
      h("div", { class: "bend-losses" },
        h("p", { class: "bend-key" }, h("span", { class: "bend-dot bend-train" }), "training"), this.train,
        h("p", { class: "bend-key" }, h("span", { class: "bend-dot bend-test" }), "test"), this.test),
      h("p", { class: "bend-legend" },
        h("span", { class: "bend-swatch", "data-class": "0" }), "class 0, below 0 ",
        h("span", { class: "bend-swatch", "data-class": "1" }), "class 1, above 0"),
      h("div", { class: "bend-control bend-switch" },
        h("label", {}, hidden, h("span", {}, "Show test points (hollow)"))));
    return (this.stage = h("div", { class: "bend-stage" },
      h("section", { class: "bend-network", "aria-label": "Network" }, this.network.el, this.detail),
      this.output));
  }

  /** The theme reads the page, on which nothing is yet. */
  theme_later() {
    return new Proxy({}, { get: (_, name) => {
      const value = this.theme[name];
      return typeof value === "function" ? value.bind(this.theme) : value;
    } });
  }

  make_charts() {
    this.charts = ["losses", "norms", "shares"].map(() => new Panel(this.theme_later(), this));
    return h("div", { class: "bend-panels bend-charts" }, ...this.charts.map(({ el }) => el));
  }

  make_more() {
    const groups = new Map();
    for (const { name, group } of this.form.controls) {
      if (["bar", "data", "top"].includes(group)) continue;
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(this.make_control(name));
    }
    return h("div", { class: "bend-more" }, ...[...groups].map(([name, controls]) => {
      return h("div", { class: "bend-controls bend-block", role: "group", "aria-label": name },
        h("p", { class: "bend-head", "aria-hidden": "true" }, name), ...controls);
    }));
  }

  make_control(name) {
    const spec = this.form.controls.find((control) => control.name === name);
    const control = name === "seed" ? make_number(this, spec) : CONTROLS[spec.kind](this, spec);
    control.el.dataset.control = name;
    this.controls.set(name, { ...control, spec });
    return control.el;
  }

  make_text() {
    this.text = h("input", { type: "text", id: this.id("text"), spellcheck: "false", autocomplete: "off",
      keydown: (event) => event.key === "Enter" && !event.shiftKey && this.use() });
    this.copied = h("button", { type: "button", click: () => this.copy() }, "Copy");
    return h("div", { class: "bend-controls bend-state" },
      h("div", { class: "bend-control bend-text" },
        h("label", { for: this.id("text") }, "These settings as text: copy them, or paste others and use them"),
        this.text),
      this.copied, h("button", { type: "button", click: () => this.use() }, "Use"));
  }

  use() {
    this.send({ do: "text", text: this.text.value });
  }

  async copy() {
    const text = this.text.value;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without the right to the clipboard, as on a plain address: the old way.
      this.text.select();
      document.execCommand("copy");
    }
    this.announce(`Copied: ${text}`);
  }

  listen(el) {
    const { model } = this;
    this.heard = { "change:state": () => this.hear_state(), "change:frame": () => this.hear_frame(),
      "change:data": () => this.hear_frame(),
      comm_live_update: () => model.comm_live === false && this.say(ASLEEP) };
    for (const [name, hear] of Object.entries(this.heard)) model.on(name, hear);
    this.resized = new ResizeObserver(() => this.redraw());
    this.resized.observe(this.root);
    this.look = () => this.theme.read() && this.redraw();
    this.watched = new MutationObserver(() => [0, 100, 500].forEach((ms) => setTimeout(this.look, ms)));
    this.watched.observe(document.body, { attributes: true });
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.look);
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.calm = () => this.send({ do: "calm", on: this.still.matches });
    this.still.addEventListener("change", this.calm);
    if (this.still.matches) this.calm();
    // ipywidgets marks what it drew from the file alone, once it is on the page.
    setTimeout(() => el.matches(".jupyter-widgets-disconnected") && this.say(ASLEEP));
  }

  dispose() {
    clearTimeout(this.patience);
    cancelAnimationFrame(this.frame);
    this.resized.disconnect();
    this.watched.disconnect();
    this.scheme.removeEventListener("change", this.look);
    this.still.removeEventListener("change", this.calm);
    for (const [name, hear] of Object.entries(this.heard)) this.model.off?.(name, hear);
    // The cell was run again or closed: nobody looks at this one any more.
    this.send({ do: "gone" });
    clearTimeout(this.patience);
  }

  // What the learner does

  value(name) {
    return this.wanted[name] ?? this.state.values[name];
  }

  set(name, value) {
    if (JSON.stringify(this.value(name)) === JSON.stringify(value)) return;
    this.wanted[name] = value;
    this.ask();
  }

  key(event) {
    const { key, target } = event;
    const whole = event.ctrlKey || event.metaKey;
    if (whole && key.toLowerCase() === "s") return pass_on(event, this.root.parentElement);
    if (key === "Enter" && event.shiftKey) {
      const cell = this.root.closest(".jp-Cell");
      cell?.focus();
      return pass_on(event, cell ?? this.root.parentElement);
    }
    if (event.altKey || whole || key === "Tab" || key === "Escape") return;
    event.stopPropagation();
    if (target === this.root) event.preventDefault();
  }

  // To the kernel and back

  /** Tell what is set, unless that is on its way: then when it is there. */
  ask() {
    if (this.flown || !Object.keys(this.wanted).length) return;
    this.flown = this.wanted;
    this.send({ do: "set", values: this.wanted });
  }

  send(message) {
    this.asked = `${this.uid}-${performance.now()}`;
    if (message.do === "set") this.set_as = this.asked;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.sleep.hidden && this.say(SILENT), PATIENCE);
    try {
      this.model.send({ ...message, n: this.asked });
    } catch {
      this.flown = null;
      this.say(ASLEEP);
    }
  }

  hear_state() {
    const before = this.state;
    const state = (this.state = this.model.get("state"));
    if (this.asked && state.replied === this.asked) {
      clearTimeout(this.patience);
      this.say("");
    }
    if (this.flown && state.replied === this.set_as) {
      for (const [name, value] of Object.entries(this.flown)) {
        if (this.wanted[name] === value) delete this.wanted[name];
      }
      this.flown = null;
      this.ask();
    }
    this.fill();
    this.tell(before);
  }

  /** Show in the controls what is set. */
  fill() {
    const { values, text, playing, preset, notice, stopped } = this.state;
    const typing = document.activeElement;
    for (const [name, { fill, main, el }] of this.controls) {
      // Not under the hands of who is typing; leaving the field puts it right.
      if (name in this.wanted || (typing?.type === "number" && el.contains(typing))) continue;
      const value = values[name];
      if (main.tagName === "SELECT" && ![...main.options].some((option) => option.value === value)) {
        main.append(h("option", { value }, value));
      }
      fill(value);
    }
    for (const { input, name } of this.samples) input.checked = name === this.value("data");
    if (document.activeElement !== this.text || !notice) this.text.value = text;
    this.presets.value = preset;
    this.toggle.textContent = playing ? "Pause" : "Play";
    this.toggle.dataset.playing = playing;
    const said = notice || stopped;
    if (this.notice.textContent !== said) this.notice.textContent = said;
    this.notice.hidden = !said;
    this.tell_story(preset);
    this.network.build(this.state);
  }

  tell_story(name) {
    if (this.story.dataset.preset === name) return;
    this.story.dataset.preset = name;
    const preset = this.form.presets.find((preset) => preset.name === name);
    this.story.hidden = !preset;
    if (!preset) return this.story.replaceChildren();
    const rescues = preset.rescues.map(([rescue, title]) => h("button",
      { type: "button", click: () => this.send({ do: "preset", name: rescue }) }, title));
    const link = h("a", { href: preset.address }, `lesson ${preset.lesson}`);
    open_in_lab(link, preset.address, this.model.widget_manager?.rendermime);
    this.story.replaceChildren(...[
      h("p", { class: "bend-watch" }, h("strong", {}, `${preset.title}. `), preset.watch, " From ", link, "."),
      rescues.length ? h("p", { class: "bend-rescues" }, "The cure: ", ...rescues) : null,
    ].filter(Boolean));
  }

  /** Say what has changed and does not come with every picture. */
  tell(before) {
    if (!before) return;
    const { playing, stopped } = this.state;
    if (playing === before.playing) return;
    // A reader that spoke every picture would never be silent.
    this.announce(playing ? "Playing" : stopped ? "Stopped" : `Paused. ${this.model.get("frame").summary}`);
  }

  announce(text) {
    this.status.textContent = text;
  }

  say(text) {
    if (this.sleep.textContent === text) return;
    this.sleep.textContent = text;
    this.sleep.hidden = !text;
    if (text) this.announce(text);
  }

  // Drawing

  hear_frame() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
      const { n } = this.model.get("frame");
      if (n === this.root.dataset.drawn) return;
      this.root.dataset.drawn = n;
      this.model.send({ do: "drawn", n });
    });
  }

  /** The frame as numbers. */
  read() {
    const frame = this.model.get("frame");
    if (this.read_n === frame.n) return this.arrays;
    this.read_n = frame.n;
    this.arrays = { ...frame };
    for (const name of ["logits", "units", "weights", "biases", "slopes", "off", "norms", "dead", "flat", "losses"]) {
      this.arrays[name] = floats(frame[name]);
    }
    return this.arrays;
  }

  redraw() {
    this.theme.read();
    this.sampled = null;
    this.draw();
  }

  draw() {
    const frame = this.read();
    this.draw_samples();
    this.network.draw(frame);
    this.draw_border(frame);
    this.draw_charts(frame);
    this.count.textContent = plural(frame.step, "step");
    this.train.textContent = frame.train;
    this.test.textContent = frame.test || "no test points";
    this.summary.textContent = frame.summary;
    this.network.tell();
  }

  draw_samples() {
    if (this.sampled) return;
    this.sampled = true;
    for (const { canvas, x, classes } of this.samples) {
      const pen = canvas.getContext("2d");
      const [points, kinds] = [floats(x), floats(classes)];
      pen.clearRect(0, 0, 88, 88);
      kinds.forEach((kind, n) => {
        pen.fillStyle = this.theme.css(kind ? "orange" : "blue");
        pen.beginPath();
        pen.arc(44 + 17 * points[2 * n], 44 - 17 * points[2 * n + 1], 3.4, 0, 7);
        pen.fill();
      });
    }
  }

  /** The border, or the unit that is pointed at, with the data. */
  draw_border(frame) {
    const data = this.model.get("data");
    const unit = this.network.picture(frame);
    const size = unit ? frame.small : frame.size;
    const reach = unit ? Math.max(...unit.values.map(Math.abs)) || 1 : 1;
    // The panel draws what is below 0 in orange, and class 1 is orange in all of the course.
    const values = unit ? unit.values.map((a) => -a / reach) : frame.logits.map((z) => -Math.tanh(z / 2));
    const half = data.limit * (1 + 1 / (size - 1));
    const limits = [-data.limit, data.limit];
    const axis = { limits, label: "", log: false, shown: false, integer: false };
    const title = unit ? unit.title : "Output";
    if (this.seen.textContent !== title) this.seen.textContent = title;
    const marks = [
      { kind: "image", values, shape: [size, size], limits: [[-half, half], [-half, half]], reach: 1,
        opacity: 0.72, smooth: true },
      ...(unit ? [] : contour(frame.logits, size, data.limit)),
      ...this.points(data),
    ];
    this.border.show({ name: "border", title: "", alt: `${title}: ${frame.train}`, width: 280, height: 320,
      equal: true, x: axis, y: axis, marks }, this.summary.id);
    this.border.draw();
  }

  points(data) {
    if (this.sorted?.data !== data) {
      const [x, kinds, tested] = [floats(data.x), floats(data.classes), floats(data.tested)];
      const marks = [];
      for (const hollow of [0, 1]) {
        for (const kind of [0, 1]) {
          const rows = [...kinds.keys()].filter((n) => kinds[n] === kind && tested[n] === hollow);
          marks.push({ kind: "points", x: rows.map((n) => x[2 * n]), y: rows.map((n) => x[2 * n + 1]),
            colour: kind ? "orange" : "blue", marker: kind ? "^" : "o", size: 3.4, hollow: Boolean(hollow) });
        }
      }
      this.sorted = { data, marks };
    }
    return this.sorted.marks.filter(({ hollow }) => !hollow || this.hollow.checked);
  }

  draw_charts(frame) {
    const [losses, norms, shares] = this.charts;
    losses.show(this.loss_chart(frame), this.summary.id);
    norms.show(this.norm_chart(frame), this.summary.id);
    shares.show(this.share_chart(frame), this.summary.id);
    shares.el.hidden = !frame.flat.length;
    this.charts.forEach((chart) => chart.draw());
  }

  loss_chart({ losses, test }) {
    const column = (n) => losses.filter((_, at) => at % 3 === n);
    const [steps, trained, tested] = [0, 1, 2].map(column);
    const finite = [...trained, ...(test ? tested : [])].filter(Number.isFinite);
    const top = Math.max(0.75, Math.min(Math.max(...finite, 0) * 1.05, 5));
    const line = { kind: "line", x: steps, width: 2, opacity: 1 };
    return chart("losses", "Loss by step", { limits: [0, Math.max(steps.at(-1), 10)], integer: true },
      { limits: [0, top] }, [
        ...(test ? [{ ...line, y: tested, colour: "green", dashes: true, label: "test" }] : []),
        { ...line, y: trained, colour: "purple", dashes: false, label: "training" },
      ]);
  }

  norm_chart({ norms }) {
    const logs = [...norms].map((norm) => (norm > 0 && Number.isFinite(norm) ? Math.log10(norm) : NaN));
    const known = logs.filter((value) => !Number.isNaN(value));
    const [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [-1, 0];
    // Three powers of ten at least, so that small differences look small.
    const middle = (low + high) / 2;
    const limits = [Math.min(Math.floor(low - 0.2), Math.floor(middle - 1.4)),
      Math.max(Math.ceil(high + 0.2), Math.ceil(middle + 1.4))];
    const marks = dotted(logs, "purple", "");
    const none = [...norms].flatMap((norm, n) => (norm === 0 ? [n + 1] : []));
    if (none.length) {
      // 0 has no place on a log scale.
      marks.push({ kind: "points", x: none, y: none.map(() => limits[0] + 0.15), colour: "purple",
        marker: "o", size: 4, hollow: true });
      marks.push({ kind: "text", x: none[0], y: limits[0] + 0.6, text: "hollow: exactly 0",
        colour: "purple", align: "left", size: 12 });
    }
    return chart("norms", "Gradient norm by layer", by_layer(norms), { limits, log: true }, marks);
  }

  share_chart({ dead, flat }) {
    return chart("shares", "Dead units, flat slopes", by_layer(flat), { limits: [0, 1] },
      [...dotted(flat, "green", "flat"), ...dotted(dead, "pink", "dead")]);
  }
}

/** A number that no slider helps to find. */
function make_number(form, { name, label, low, high }) {
  const id = form.id(name);
  const input = h("input", { type: "number", id, min: low, max: high, step: 1,
    change: () => (input.value && input.checkValidity()
      ? form.set(name, input.valueAsNumber) : fill(form.value(name))) });
  const fill = (value) => (input.value = value);
  const el = h("div", { class: "bend-control bend-number" }, h("label", { for: id }, label), input);
  return { el, fill, main: input };
}

const chart = (name, title, x, y, marks) => ({
  name, title, alt: title, width: 240, height: 190, equal: false, marks,
  x: { label: "", log: false, shown: true, integer: false, ...x },
  y: { label: "", log: false, shown: true, integer: false, ...y },
});

const by_layer = (values) => ({ limits: [0.5, Math.max(values.length, 2) + 0.5], integer: true,
  label: "layer (1 is nearest the input)" });

function dotted(values, colour, label) {
  const x = [...values].map((_, n) => n + 1);
  const size = values.length > 20 ? 2.5 : 4;
  return [
    { kind: "line", x, y: [...values], colour, width: 1.5, opacity: 0.6, dashes: false, label },
    { kind: "points", x, y: [...values], colour, marker: "o", size, hollow: false },
  ];
}

/** Where values on a square grid cross 0: lines between points, pen lifted after each. */
function contour(values, size, limit) {
  const [x, y] = [[], []];
  const at = (n) => -limit + (2 * limit * n) / (size - 1);
  const cut = (a, b) => a / (a - b);
  for (let row = 0; row + 1 < size; row++) {
    for (let column = 0; column + 1 < size; column++) {
      const n = row * size + column;
      const [a, b, c, d] = [values[n], values[n + 1], values[n + size + 1], values[n + size]];
      const places = [];
      if (a > 0 !== b > 0) places.push([column + cut(a, b), row]);
      if (b > 0 !== c > 0) places.push([column + 1, row + cut(b, c)]);
      if (d > 0 !== c > 0) places.push([column + cut(d, c), row + 1]);
      if (a > 0 !== d > 0) places.push([column, row + cut(a, d)]);
      for (let k = 0; k + 1 < places.length; k += 2) {
        for (const [right, up] of [places[k], places[k + 1]]) {
          x.push(at(right));
          y.push(at(up));
        }
        x.push(NaN);
        y.push(NaN);
      }
    }
  }
  return [{ kind: "line", x, y, colour: "ink", width: 1.5, opacity: 0.9, dashes: false, label: "" }];
}

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
    const shape = JSON.stringify([state.pictured, hidden]);
    if (shape !== this.shape) {
      this.shape = shape;
      this.pictured = state.pictured;
      const focus = this.nodes.find(({ el }) => el === document.activeElement);
      this.field.replaceChildren(this.canvas, this.tip);
      this.told = null;
      this.nodes = this.pictured ? this.make_nodes(hidden) : [];
      this.heads = this.pictured ? hidden.map((_, n) => this.make_head(n)) : [];
      this.field.append(...this.nodes.map(({ el }) => el), ...this.heads.map(({ el }) => el));
      this.stop = this.nodes.find(({ layer, unit }) => layer === focus?.layer && unit === focus?.unit);
      if (this.stop) this.stop.el.focus();
      this.stop ??= this.nodes[0];
      this.owner.detail_default = this.pictured
        ? "Point at a unit or an edge, or go there with Tab and the arrow keys: its numbers are told here."
        : "Each square is a unit, each column a layer. Its colour is its slope: blank for 0, full for 1. Struck out in pink is a dead unit.";
    }
    this.hidden = hidden;
    this.activations = activations;
    this.inputs = inputs;
    this.nodes.forEach((node) => this.label(node));
    this.heads.forEach(({ select, number }, n) => {
      select.value = activations[n];
      if (document.activeElement !== number) number.value = hidden[n];
    });
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
    return [...inputs, ...units, node(hidden.length + 1, 0)];
  }

  make_head(n) {
    const { form } = this.owner;
    const select = h("select", { "aria-label": `Activation of layer ${n + 1}`,
      change: () => this.owner.set("activations",
        this.activations.map((name, at) => (at === n ? select.value : name))) },
      ...form.activations.map(([value, words]) => h("option", { value }, words)));
    const number = h("input", { type: "number", min: 1, max: form.widest, step: 1,
      "aria-label": `Units of layer ${n + 1}`,
      change: () => (number.checkValidity() && number.value
        ? this.owner.set("hidden", this.hidden.map((width, at) => (at === n ? number.valueAsNumber : width)))
        : (number.value = this.hidden[n])) });
    return { select, number, el: h("div", { class: "bend-layer" },
      h("span", { "aria-hidden": "true" }, `Layer ${n + 1}`), select, number) };
  }

  switch_input(unit) {
    const { name } = this.owner.form.inputs[unit];
    const order = this.owner.form.inputs.map((input) => input.name);
    const on = this.inputs.includes(name)
      ? this.inputs.filter((other) => other !== name) : [...this.inputs, name];
    this.owner.set("inputs", order.filter((other) => on.includes(other)));
  }

  label({ layer, unit, el }) {
    if (layer === 0) {
      const { name, label } = this.owner.form.inputs[unit];
      el.setAttribute("aria-label", `Input ${label}`);
      el.setAttribute("aria-checked", String(this.inputs.includes(name)));
      return;
    }
    const name = layer > this.hidden.length ? "Output" : `Unit ${unit + 1} of layer ${layer}`;
    el.setAttribute("aria-label", name);
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
    return this.hidden[layer - 1] ?? 1;
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
    const coarse = this.coarse(frame);
    this.draw_unit(coarse.values, coarse.size, this.x(this.hidden.length + 1), this.y(0, 1));
    pen.fillStyle = owner.theme.css("ink");
    pen.textAlign = "center";
    pen.fillText("Inputs", this.x(0), 12);
    pen.fillText("Output", this.x(this.hidden.length + 1) - 6, 12);
  }

  coarse({ logits, size }) {
    const every = Math.max(1, Math.round(size / 20));
    const rows = [...Array(Math.floor(size / every)).keys()].map((n) => n * every + (every >> 1));
    return { size: rows.length,
      values: Float32Array.from(rows.flatMap((row) => rows.map((column) => Math.tanh(logits[row * size + column] / 2)))) };
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
        pen.fillText(layer + 1, (layer + 0.5) * across, height - 10);
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
    this.owner.draw_border(this.frame);
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
    return layer > this.hidden.length ? "the output" : `unit ${unit + 1} of layer ${layer}`;
  }

  tell_edge({ layer, i, j, weight }) {
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
    return `${name[0].toUpperCase()}${name.slice(1)}${bend ? `, ${bend.replace("_", " ")}` : ""}: bias ${short(bias)}; ` +
      `weights ${into.map(({ i, weight }) => `${short(weight)} from ${this.short_name(layer - 1, i)}`).join(", ")}.${dead}`;
  }

  short_name(layer, unit) {
    return layer === 0 ? this.owner.form.inputs[unit].label : `unit ${unit + 1}`;
  }

  /** What the pointed-at unit answers all over the plane; nothing for inputs and the output. */
  picture(frame) {
    const { told } = this;
    if (!this.pictured || !told || told.edge || told.layer === 0 || told.layer > this.hidden.length) return null;
    const before = this.hidden.slice(0, told.layer - 1).reduce((sum, width) => sum + width, 0);
    const square = frame.small ** 2;
    const values = frame.units.subarray((before + told.unit) * square, (before + told.unit + 1) * square);
    return values.length && { values, title: `Unit ${told.unit + 1} of layer ${told.layer}` };
  }
}

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

/** Give the notebook a key that is its own, save or run: what keeps letters from it stops all. */
function pass_on(event, receiver) {
  event.preventDefault();
  event.stopPropagation();
  receiver.dispatchEvent(new KeyboardEvent("keydown", event));
}

/** Have JupyterLab open the notebook that a link leads to, as it does for links in its cells. */
async function open_in_lab(link, address, { resolver, linkHandler } = {}) {
  if (!resolver || !linkHandler) return;
  linkHandler.handleLink(link, await resolver.resolveUrl(address), "");
}

export default {
  render({ model, el }) {
    const playground = new Playground(model, el);
    return () => playground.dispose();
  },
};
