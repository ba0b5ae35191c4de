// The playground: what is done goes to Python, what Python computes is drawn in the next frame.
// Drawn with canvas.js and network.js, set with controls.js.

const PATIENCE = 4000; // ms without a reply before the playground says so
const ASLEEP = "This playground is asleep: run its cell (Shift+Enter) to play.";
const SILENT =
  "No reply yet. While another cell runs, the playground waits its turn; else run this cell again.";

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
    this.output = h("div", { class: "bend-output", role: "group", "aria-label": "Output" },
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
      h("div", { class: "bend-network", role: "group", "aria-label": "Network and units" }, this.network.el, this.detail),
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
      input: () => (this.typed = true),
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
    if (keeps_key(this.root, event) && event.target === this.root) event.preventDefault();
  }

  // To the kernel and back

  /** Tell what is set, unless that is on its way: then when it is there. */
  ask() {
    if (this.flown || !Object.keys(this.wanted).length) return;
    this.flown = { ...this.wanted };
    this.send({ do: "set", values: this.flown });
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
      // What was typed stays until it, or something else, was understood.
      if (!state.notice) this.typed = false;
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
    const { values, text, playing, preset, changed, notice, stopped } = this.state;
    const typing = document.activeElement;
    for (const [name, { fill, main, el }] of this.controls) {
      // Not under the hands of who is typing; leaving the field puts it right.
      if (name in this.wanted || (typing?.type === "number" && el.contains(typing))) continue;
      const value = values[name];
      if (main.tagName === "SELECT") {
        // Set again, it would forget the letters that somebody is choosing by.
        if (main.value === value) continue;
        if (![...main.options].some((option) => option.value === value)) {
          main.append(h("option", { value }, value));
        }
      }
      fill(value);
    }
    for (const { input, name } of this.samples) input.checked = name === this.value("data");
    if (!this.typed) this.text.value = text;
    this.presets.value = changed ? "" : preset;
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
  const el = h("div", { class: "bend-control bend-typed" }, h("label", { for: id }, label), input);
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

export default {
  render({ model, el }) {
    const playground = new Playground(model, el);
    return () => playground.dispose();
  },
};
