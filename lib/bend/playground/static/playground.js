// The playground: what is done goes to Python, what Python computes is drawn in the next frame.
// Drawn with canvas.js, network.js and pictures.js, set with controls.js and stepper.js.

const ASLEEP = "This playground is asleep: run its cell (Shift+Enter) to play.";
const SILENT =
  "No reply yet. While another cell runs, the playground waits its turn; else run this cell again.";

const ASKS = { class: "", labels: ": a point may have both labels, or none", number: ": its answers are numbers" };

const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

// Controls of all layers at once: of what setting they are part, and what they show of it.
const WHOLE = {
  layers: ["hidden", (hidden) => hidden.length],
  units: ["hidden", (hidden) => Math.max(...hidden, 1)],
  activation: ["activations", (names) => (new Set(names).size === 1 ? names[0] : "")],
};
const FRESH = 8; // units in a first layer

class Playground {
  constructor(model, el) {
    this.model = model;
    this.uid = `bend-${Math.random().toString(36).slice(2)}`;
    this.form = model.get("form");
    this.controls = new Map();
    this.shown = { layer: null };
    this.wire = new Wire(model, el, { asleep: ASLEEP, silent: SILENT }, (text) => this.announce(text));
    this.waiting = new Waiting((message) => this.send(message));
    this.build(el);
    this.theme.read();
    this.hear_state();
    this.listen();
    this.hear_frame();
  }

  id(name) {
    return `${this.uid}-${name}`;
  }

  // Building

  build(el) {
    this.summary = h("p", { class: "bend-summary", id: this.id("summary") });
    this.status = h("p", { class: "bend-unseen", role: "status" });
    this.notice = h("p", { class: "bend-notice", role: "alert", hidden: "" });
    this.root = h("div", { class: "bend-live bend-playground", role: "group", "aria-label": "Playground",
      tabindex: "-1", keydown: (event) => guard_figure(this.root, event) });
    this.theme = new Shades(this.root);
    this.network = new Network(this);
    this.pictures = new Pictures(this);
    this.root.append(
      this.make_bar(), this.make_story(), this.notice, this.make_top(), this.make_stage(),
      this.pictures.charts, this.make_more(), this.summary, this.make_text(), this.wire.note, this.status);
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
      h("label", { for: this.id("presets") }, "Presets: failures and their cures"), this.presets);
  }

  make_story() {
    this.story = h("div", { class: "bend-story", hidden: "" });
    return this.story;
  }

  make_top() {
    const made = (wanted) => this.form.controls.filter(({ group }) => group === wanted)
      .map(({ name }) => this.make_control(name));
    const next = h("button", { type: "button",
      click: () => this.set("seed", (this.value("seed") + 1) % (1 + this.controls.get("seed").spec.high)) }, "Next seed");
    const [noise, seed] = made("data");
    return h("div", { class: "bend-tops" },
      h("div", { class: "bend-controls bend-top" }, this.make_data(), noise, h("div", { class: "bend-seeds" }, seed, next)),
      h("div", { class: "bend-controls bend-top" }, ...made("top")));
  }

  make_data() {
    this.samples = this.form.data.map((sample) => {
      const input = h("input", { type: "radio", name: this.id("data"), value: sample.name,
        change: () => this.set("data", sample.name) });
      const canvas = h("canvas", { "aria-hidden": "true", width: 88, height: 88 });
      return { ...sample, input, canvas,
        el: h("label", { title: `${sample.name}${ASKS[sample.asks]}`, "data-asks": sample.asks },
          input, h("span", {}, canvas, h("span", {}, sample.name))) };
    });
    return h("fieldset", { class: "bend-control bend-samples" }, h("legend", {}, "Data"),
      ...this.samples.map(({ el }) => el));
  }

  make_stage() {
    this.detail = h("p", { class: "bend-detail", id: this.id("detail") });
    const shape = this.form.controls.filter(({ group }) => group === "shape");
    return (this.stage = h("div", { class: "bend-stage" },
      h("div", { class: "bend-network", role: "group", "aria-label": "Network and units" },
        h("div", { class: "bend-shape" }, ...shape.map(({ name }) => this.make_control(name))),
        this.network.el, this.detail),
      this.pictures.output));
  }

  make_more() {
    const groups = new Map();
    for (const { name, group } of this.form.controls) {
      if (["bar", "data", "top", "shape"].includes(group)) continue;
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
    const make = { seed: make_number, layers: make_stepper, units: make_stepper }[name] ?? CONTROLS[spec.kind];
    const control = make(this, spec);
    control.el.dataset.control = name;
    this.controls.set(name, { ...control, spec });
    return control.el;
  }

  make_text() {
    this.text = h("input", { type: "text", id: this.id("text"), spellcheck: "false", autocomplete: "off",
      input: () => (this.typed = true),
      keydown: (event) => event.key === "Enter" && !event.shiftKey && !composes(event) && this.use() });
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

  listen() {
    const { model } = this;
    this.heard = { "change:state": () => this.hear_state(), "change:frame": () => this.hear_frame(),
      "change:data": () => this.hear_frame(),
      comm_live_update: () => this.root.closest(".jupyter-widgets-disconnected") && this.wire.say(ASLEEP) };
    for (const [name, hear] of Object.entries(this.heard)) model.on(name, hear);
    this.theme.watch(() => this.redraw());
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.calm = () => this.send({ do: "calm", on: this.still.matches });
    this.still.addEventListener("change", this.calm);
    if (this.still.matches) this.calm();
  }

  dispose() {
    cancelAnimationFrame(this.frame);
    this.theme.unwatch();
    this.still.removeEventListener("change", this.calm);
    for (const [name, hear] of Object.entries(this.heard)) this.model.off?.(name, hear);
    // The cell was run again or closed: nobody looks at this one any more.
    this.send({ do: "gone" });
    this.wire.close();
  }

  // What the learner does

  value(name) {
    const [part, show] = WHOLE[name] ?? [];
    return part ? show(this.value(part)) : (this.waiting.values[name] ?? this.state.values[name]);
  }

  set(name, value) {
    const [part] = WHOLE[name] ?? [];
    if (part) return this.set(part, this.spread(name, value));
    if (JSON.stringify(this.value(name)) === JSON.stringify(value)) return;
    this.waiting.put(name, value);
  }

  /** Widths or activations of all layers, after a control of all of them was set. */
  spread(name, value) {
    const [hidden, activations] = [this.value("hidden"), this.value("activations")];
    if (name === "activation") return activations.map(() => value);
    if (name === "units") return hidden.map(() => value);
    return Array.from({ length: value }, (_, n) => hidden[n] ?? hidden.at(-1) ?? FRESH);
  }

  // To the kernel and back

  send(message) {
    if (["preset", "text", "reset"].includes(message.do)) this.waiting.hurry();
    this.asked = `${this.uid}-${performance.now()}`;
    return this.wire.send({ ...message, n: this.asked }) ? this.asked : null;
  }

  hear_state() {
    const before = this.state;
    const state = (this.state = this.model.get("state"));
    if (this.asked && state.replied === this.asked && before?.replied !== this.asked) {
      this.wire.hear();
      // The same mistake again has to be said again.
      this.notice.textContent = "";
      // What was typed stays until it, or something else, was understood.
      if (!state.notice) this.typed = false;
    }
    if (this.waiting.flown && state.replied === this.waiting.number) this.waiting.settle();
    this.fill();
    this.tell(before);
  }

  /** Show in the controls what is set. */
  fill() {
    const { text, playing, preset, changed, notice, stopped } = this.state;
    const typing = document.activeElement;
    for (const [name, { fill, main, el }] of this.controls) {
      // Not under the hands of who is typing; leaving the field puts it right.
      if (name in this.waiting.values || (typing?.type === "number" && el.contains(typing))) continue;
      const value = this.value(name);
      const allowed = this.state.allowed[name];
      if (allowed) offer(main, el, allowed);
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
    const inside = this.story.contains(document.activeElement);
    this.story.replaceChildren(...[
      h("p", { class: "bend-watch" }, h("strong", {}, `${preset.title}. `), preset.watch, " From ", link, "."),
      rescues.length ? h("p", { class: "bend-rescues" }, "The cure: ", ...rescues) : null,
    ].filter(Boolean));
    if (inside) this.toggle.focus();
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
    for (const name of ["shades", "units", "weights", "biases", "slopes", "off", "norms", "dead", "flat", "losses"]) {
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
    this.pictures.draw(frame);
    this.count.textContent = plural(frame.step, "step");
    this.summary.textContent = frame.summary;
    this.network.tell();
  }

  draw_samples() {
    if (this.sampled) return;
    this.sampled = true;
    for (const sample of this.samples) {
      const pen = sample.canvas.getContext("2d");
      const points = floats(sample.x);
      pen.clearRect(0, 0, 88, 88);
      looks(sample).forEach(({ colour }, n) => {
        pen.fillStyle = this.theme.css(colour);
        pen.beginPath();
        pen.arc(44 + 17 * points[2 * n], 44 - 17 * points[2 * n + 1], 3.4, 0, 7);
        pen.fill();
      });
    }
  }
}

/** Let those values be chosen that go with what else is set; nothing is to be seen of no choice. */
function offer(main, el, allowed) {
  el.hidden = !allowed.some(Boolean);
  if (main.tagName !== "SELECT") return;
  for (const option of main.options) option.disabled = !allowed.includes(option.value);
}

export default {
  render({ model, el }) {
    const playground = new Playground(model, el);
    return () => playground.dispose();
  },
};
