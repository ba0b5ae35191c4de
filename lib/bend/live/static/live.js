// A live figure: what is set goes to Python, the newest state only and one at a time; what Python
// computes is drawn in the next frame, and what came before it in the same frame never is.

const GLIDE = 260; // ms from one picture to the next, where a choice and not a slider leads there
const PAUSE = 700; // ms of quiet before the summary is spoken
const HOW = "Drag a ringed dot, or move it with the arrow keys.";
const ASLEEP = "This figure is asleep: run its cell (Shift+Enter) to move it.";
const SILENT =
  "No reply yet. While another cell runs, this figure waits its turn; else run this cell again.";

class Live {
  constructor(model, el) {
    this.model = model;
    this.uid = `bend-${Math.random().toString(36).slice(2)}`;
    this.form = model.get("form");
    this.wire = new Wire(model, el, { asleep: ASLEEP, silent: SILENT }, (text) => this.announce(text));
    this.waiting = new Waiting((message) => this.send(message));
    this.build(el);
    this.hear_values();
    this.hear_picture();
    this.listen();
  }

  id(name) {
    return `${this.uid}-${name}`;
  }

  build(el) {
    this.summary = h("p", { class: "bend-summary", id: this.id("summary") });
    this.status = h("p", { class: "bend-unseen", role: "status" });
    this.pictures = h("div", { class: "bend-panels" });
    this.how = h("p", { class: "bend-how", hidden: "" }, HOW);
    this.controls = new Map();
    const groups = this.make_groups();
    const [above, below] = [false, true].map((low) => h("div", { class: "bend-controls" },
      ...groups.filter((group) => this.form.below.includes(group.dataset.group) === low)));
    this.root = h("div",
      { class: "bend-live", role: "group", "aria-label": this.form.title, tabindex: "-1",
        keydown: (event) => guard_figure(this.root, event) },
      above, this.pictures, this.how, below, this.summary, this.wire.note, this.status);
    this.panels = [];
    el.append(this.root);
    this.theme = new Theme(this.root);
  }

  make_groups() {
    const groups = new Map();
    for (const spec of this.form.controls) {
      const control = spec.kind === "action" ? this.make_action(spec) : CONTROLS[spec.kind](this, spec);
      control.el.dataset.control = spec.name;
      if (spec.group) name_whole(control.el, spec);
      this.controls.set(spec.name, { ...control, spec });
      if (!groups.has(spec.group)) groups.set(spec.group, []);
      groups.get(spec.group).push(control.el);
    }
    return [...groups].map(([name, controls]) => h("div",
      { class: "bend-group", "data-group": name, role: name ? "group" : null, "aria-label": name || null },
      name ? h("p", { class: "bend-head", "aria-hidden": "true" }, name) : null, ...controls));
  }

  make_action({ name, label, main }) {
    const el = h("button", { type: "button", class: main ? "bend-main" : null,
      click: () => this.press(name) }, label);
    return { el, fill: () => {}, main: el };
  }

  listen() {
    this.heard = { "change:values": () => this.hear_values(), "change:picture": () => this.hear_picture(),
      comm_live_update: () => this.send({ do: "hello" }, ASLEEP) };
    for (const [name, hear] of Object.entries(this.heard)) this.model.on(name, hear);
    this.theme.watch(() => this.redraw());
  }

  dispose() {
    this.wire.close();
    this.theme.unwatch();
    clearTimeout(this.pause);
    cancelAnimationFrame(this.gliding);
    for (const [name, hear] of Object.entries(this.heard)) this.model.off?.(name, hear);
  }

  // What the learner does

  value(name) {
    return this.waiting.values[name] ?? this.model.get("values")[name];
  }

  set(name, value) {
    if (this.value(name) === value) return;
    this.chosen = this.controls.get(name).spec.kind !== "slider";
    this.waiting.put(name, value);
    this.reveal();
  }

  press(name) {
    this.chosen = true;
    this.waiting.hurry();
    this.send({ do: "press", name });
  }

  /** A handle was dragged to these numbers. */
  move(names, numbers) {
    names.forEach((name, n) => name && this.put(name, numbers[n]));
  }

  /** A handle was moved by so many steps of its controls. */
  nudge(names, steps) {
    names.forEach((name, n) => {
      if (!name || !steps[n]) return;
      const { low, high, step, log } = this.controls.get(name).spec;
      const value = this.value(name);
      this.put(name, log ? value * (high / low) ** (steps[n] / 200) : value + steps[n] * step);
    });
  }

  put(name, value) {
    const { spec, fill } = this.controls.get(name);
    const { low, high, step, log } = spec;
    const round = log ? Number(value.toPrecision(3)) : Number((Math.round(value / step) * step).toPrecision(10));
    const kept = Math.min(Math.max(round, low), high);
    this.set(name, kept);
    fill(kept);
  }

  // To the kernel and back

  send(message, silence) {
    // A name of its own for each view: pages are loaded again, and one figure may be shown twice.
    this.asked = `${this.uid}-${performance.now()}`;
    return this.wire.send({ ...message, n: this.asked }, silence) ? this.asked : null;
  }

  hear_values() {
    for (const [name, { fill, spec }] of this.controls) {
      if (spec.kind !== "action" && !(name in this.waiting.values)) fill(this.model.get("values")[name]);
    }
    this.reveal();
  }

  /** Show the controls that mean something with what is set now. */
  reveal() {
    for (const { el, spec } of this.controls.values()) {
      const [name, ...values] = spec.when;
      el.hidden = Boolean(name) && !values.includes(this.value(name));
    }
  }

  hear_picture() {
    const picture = this.model.get("picture");
    if (this.asked && picture.replied === this.asked) this.land();
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  /** What was asked for is here: show what is set, and ask for what was set since. */
  land() {
    this.wire.hear();
    this.waiting.settle();
    this.hear_values();
  }

  // Drawing

  draw() {
    const picture = this.model.get("picture");
    if (!picture.panels) return;
    if (!this.theme.shades) this.theme.read();
    while (this.panels.length > picture.panels.length) this.panels.pop().el.remove();
    while (this.panels.length < picture.panels.length) {
      this.panels.push(new Panel(this.theme, this));
      this.pictures.append(this.panels.at(-1).el);
    }
    picture.panels.forEach((spec, n) => this.panels[n].show(spec, this.summary.id));
    this.glide();
    this.how.hidden = !this.root.querySelector(".bend-handle");
    this.tell(picture.summary);
    this.root.dataset.drawn = picture.n;
  }

  /** Go over to the new picture: at once, or after a choice so that one sees what moves where. */
  glide() {
    cancelAnimationFrame(this.gliding);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const start = performance.now();
    const step = (now) => {
      const share = still || !this.chosen ? 1 : Math.min(Math.max((now - start) / GLIDE, 0), 1);
      // Slow at both ends.
      this.panels.forEach((panel) => panel.go(share * share * (3 - 2 * share)));
      if (share < 1) this.gliding = requestAnimationFrame(step);
      else this.chosen = false;
    };
    step(start);
  }

  redraw() {
    if (!this.theme.shades) return;
    this.theme.read();
    this.panels.forEach((panel) => panel.draw());
  }

  /** Show the summary at once, and speak it when it has come to rest. */
  tell(text) {
    if (this.summary.textContent === text) return;
    const first = !this.summary.textContent;
    this.summary.textContent = text;
    clearTimeout(this.pause);
    if (!first) this.pause = setTimeout(() => this.announce(text), PAUSE);
  }

  announce(text) {
    this.status.textContent = text;
  }
}

/** Layers have the same controls: out of sight of their heading, a name says whose it is. */
function name_whole(el, { group, label }) {
  for (const input of el.querySelectorAll("input:not([type=radio]), select")) {
    const typed = input.type === "number" ? ", typed" : "";
    input.setAttribute("aria-label", `${group}: ${label}${typed}`);
  }
}

export default {
  render({ model, el }) {
    const live = new Live(model, el);
    return () => live.dispose();
  },
};
