// Draws one question. Python judges and remembers; the page knows what `view` says and sends what
// the learner did. A part is redrawn only where `view` changed, so focus and half-typed text stay.

const ASLEEP =
  "This card is asleep: run its cell (Shift+Enter) to wake it. Nothing you answered is lost.";
const SILENT =
  "No reply yet. While another cell runs, your answer waits its turn; else run this cell again.";

const CONFIDENCE = { guess: "A guess", think: "I think so", sure: "Sure" };
const RATINGS = { again: "Again", hard: "Hard", good: "Good", easy: "Easy" };
const STROKES = {
  true: "M4.5 8.5 7 11l4.5-5.5",
  false: "M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2",
  null: "M8 4.6v3.6l2.3 1.4",
};

const TICKABLE = "input[type=radio], input[type=checkbox]";
const TYPABLE = "input[type=text], textarea";
const FIELDS = "input, textarea, select";
const FOCUSABLE = `:is(${FIELDS}, button):enabled, [tabindex="0"]`;

const html = (text, tag = "div") => h(tag, { html: text });
const head = (text, id) => h("p", { class: "bend-head", id }, text);
const keycap = (key) => h("kbd", { "aria-hidden": "true" }, key);
const digit = (position) => (position < 9 ? String(position + 1) : null);
const digitcap = (position) => digit(position) && keycap(digit(position));
const spoken = (text) => html(text).textContent.trim();

const icon = (correct) => stroke(STROKES[correct], "bend-icon");

function stroke(line, name = "bend-stroke") {
  const [svg, path] = ["svg", "path"].map((tag) =>
    document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", name);
  path.setAttribute("d", line);
  svg.append(path);
  return svg;
}

/** What is typed or ticked and not yet sent. The tab keeps it, so that running the cell again or
 *  reloading the page loses nothing. */
class Draft {
  constructor(id) {
    this.key = `bend-draft:${id}`;
    this.value = {};
    try {
      this.value = JSON.parse(sessionStorage.getItem(this.key)) ?? {};
    } catch {
      // No storage, no draft: the card works without.
    }
  }

  set(change) {
    this.value = change && { ...this.value, ...change };
    try {
      sessionStorage.setItem(this.key, JSON.stringify(this.value));
    } catch {
      // As above.
    }
    this.value ??= {};
  }
}

class Card {
  constructor(model, el) {
    this.model = model;
    this.view = model.get("view");
    this.uid = `bend-${Math.random().toString(36).slice(2)}`;
    this.draft = new Draft(this.view.id);
    this.drawn = new Map();
    this.wire = new Wire(model, el, { asleep: ASLEEP, silent: SILENT },
      (text) => (this.status.textContent = text));
    this.build(el);
    this.draw();
    this.watch();
    model.on("change:view", () => this.update());
    model.on("msg:custom", () => this.hear());
    model.on("comm_live_update", () => this.wire.send({ do: "hello" }, ASLEEP));
  }

  id(name) {
    return `${this.uid}-${name}`;
  }

  build(el) {
    const part = (name, tag = "div", more = {}) =>
      (this[name] = h(tag, { class: `bend-${name}`, id: this.id(name), hidden: "", ...more }));
    this.root = h(
      "div",
      { class: "bend-card", role: "group", "aria-labelledby": this.id("label"), tabindex: "-1",
        keydown: (event) => this.key(event) },
      part("label", "p"), part("prompt"), part("field"), part("error", "p"), part("points"),
      part("hints"), part("confidence"), part("verdict", "div", { tabindex: "-1" }),
      part("actions"), part("notice", "p"), this.wire.note,
    );
    this.status = h("p", { class: "bend-unseen", role: "status" });
    this.root.append(this.status);
    el.append(this.root);
  }

  /** The clock starts when the question is first seen: a notebook run from top to bottom draws
   *  most of its cards long before they are read. */
  watch() {
    this.since = performance.now();
    this.sight = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      this.since = performance.now();
      this.sight.disconnect();
    });
    this.sight.observe(this.root);
  }

  dispose() {
    this.wire.close();
    this.sight.disconnect();
  }

  // Drawing

  /** Fill `node` with `children()` if `what` they show has changed. */
  paint(node, what, children) {
    const key = JSON.stringify(what);
    if (this.drawn.get(node) === key) return;
    this.drawn.set(node, key);
    node.replaceChildren(...children().filter((child) => child != null && child !== ""));
    node.hidden = !node.hasChildNodes();
  }

  draw() {
    const { view } = this;
    const { phase } = view;
    const asks = view.asks_confidence && phase === "open";
    this.root.dataset.type = view.type;
    this.paint(this.label, view.label, () => [view.label]);
    this.paint(this.prompt, view.prompt, () => [html(view.prompt)]);
    this.paint(this.field, [view.id, view.options, view.items, view.gaps, view.unit], () => INPUTS[view.kind].draw(this));
    this.paint(this.error, view.error, () => [view.error]);
    this.paint(this.points, [phase, view.points, view.ticked], () => this.make_points());
    this.paint(this.hints, view.hints, () => view.hints.map(make_hint));
    this.paint(this.confidence, asks, () => (asks ? [this.make_confidence()] : []));
    this.paint(this.verdict, [view.verdict, view.response], () => this.make_verdict());
    this.paint(this.actions, [view.id, phase, view.hints, view.can_retry, view.next], () =>
      this.make_actions());
    this.paint(this.notice, view.notice, () => [view.notice]);
    this.sync();
  }

  ids(...names) {
    return names.map((name) => this.id(name)).join(" ");
  }

  /** Bring the field, which is never redrawn, in line with the view and the draft. */
  sync() {
    const { phase, response, error, kind } = this.view;
    const open = phase === "open";
    INPUTS[kind].fill(this, open ? (this.draft.value.response ?? response) : response, open);
    for (const input of this.field.querySelectorAll(FIELDS)) {
      input.setAttribute("aria-invalid", String(Boolean(error)));
    }
  }

  make_points() {
    const { phase, points, ticked, response } = this.view;
    if (phase === "open" || !points.length) return [];
    const own = h("div", {}, head("What you wrote"),
      h("p", { class: "bend-words" }, response.text));
    const had = this.draft.value.ticked ?? ticked;
    const model = phase === "points" ? this.make_ticks(points, had) : make_ticked(points, ticked);
    return [h("div", { class: "bend-beside" }, own, model)];
  }

  make_ticks(points, had) {
    const rows = points.map((point, position) => {
      const input = h("input", { type: "checkbox", value: point.id,
        "aria-keyshortcuts": digit(position), change: () => this.keep() });
      input.checked = had.includes(point.id);
      return h("div", { class: "bend-option" },
        h("label", {}, input, point_text(point), digitcap(position)));
    });
    return h("fieldset", {}, h("legend", {}, "Tick each point that your answer had"), ...rows);
  }

  make_confidence() {
    const choices = Object.entries(CONFIDENCE).map(([value, text]) => {
      const input = h("input", { type: "radio", name: this.id("sure"), value,
        change: () => this.draft.set({ confidence: value }) });
      input.checked = this.draft.value.confidence === value;
      return h("label", {}, input, h("span", {}, text));
    });
    return h("fieldset", {}, h("legend", {}, "How sure are you? (optional)"), ...choices);
  }

  make_verdict() {
    const { verdict, section, type, kind, options, items, gaps } = this.view;
    if (!verdict) return [];
    this.verdict.dataset.correct = verdict.correct;
    const listed = [...options, ...items, ...gaps].map((part) => part.id);
    // Where it is right, the answer is what was given; each pair that is wrong has its own.
    const shown = listed.length && (verdict.correct || kind === "match");
    const apart = verdict.feedback.filter((item) => !listed.includes(item.option));
    const title = h("p", { class: "bend-title" }, icon(verdict.correct), verdict.title);
    if (type === "predict") return [title, h("p", {}, "Run on to see.")];
    const link = h("a", { href: section.address || `#${section.anchor}`, click: go_to },
      section.title);
    open_in_lab(link, section.address, this.model.widget_manager?.rendermime);
    return [
      title,
      ...apart.map((item, n) => ("at" in item ? make_fault(this, item, n) : html(item.text))),
      verdict.answer && !shown ? h("div", {}, head("Answer"), html(verdict.answer)) : null,
      verdict.explain ? html(verdict.explain) : null,
      verdict.again ? h("p", { class: "bend-again" }, verdict.again) : null,
      h("p", { class: "bend-back" }, "Read again: ", link),
    ];
  }

  make_actions() {
    const { phase, type, kind, hints, hints_left, can_retry } = this.view;
    if (phase === "points") return [this.make_ratings()];
    const again = h("button", { type: "button", click: () => this.retry() }, "Try again");
    const next = h("button", { type: "button", class: "bend-main", click: () => this.next() },
      this.view.next, keycap("⏎"));
    if (phase === "answered") return [this.view.next ? next : null, can_retry ? again : null];
    if (phase === "done") return [];
    const name = type === "predict" ? "Commit" : kind === "text" ? "Compare" : "Submit";
    const submit = h("button", { type: "button", class: "bend-main", click: () => this.submit() },
      name, keycap(kind === "text" ? "Ctrl ⏎" : "⏎"));
    const hint = h("button", { type: "button", click: () => this.hint() },
      hints.length ? "Another hint" : "Hint", keycap("?"));
    return hints_left ? [submit, hint] : [submit];
  }

  make_ratings() {
    const buttons = Object.entries(RATINGS).map(([value, text], position) =>
      h("button", { type: "button", click: () => this.rate(value) },
        text, digitcap(this.view.points.length + position)));
    return h("div", { role: "group", "aria-labelledby": this.id("rate") },
      head("How well did it come back to you?", this.id("rate")), ...buttons);
  }

  // What the learner does

  /** What is chosen or typed now, as Python takes it. */
  answer() {
    return INPUTS[this.view.kind].read(this);
  }

  keep() {
    const open = this.view.phase === "open";
    this.draft.set(open ? { response: this.answer() } : { ticked: checked(this.points) });
  }

  submit() {
    if (this.view.phase === "answered" && this.view.next) this.next();
    if (this.view.phase !== "open") return;
    this.unsaid = true;
    this.status.textContent = "";
    this.wire.send({
      do: this.view.kind === "text" ? "reveal" : "answer",
      response: this.answer(),
      confidence: this.draft.value.confidence ?? null,
      seconds: this.seconds(),
    });
  }

  rate(rating) {
    const { text } = this.view.response;
    const response = { text, ticked: checked(this.points), rating };
    this.wire.send({ do: "answer", response, seconds: this.seconds() });
  }

  hint() {
    if (this.view.phase === "open" && this.view.hints_left) this.wire.send({ do: "hint" });
  }

  /** On to the next question of a row. */
  next() {
    this.since = performance.now();
    this.wire.send({ do: "next" });
  }

  retry() {
    this.since = performance.now();
    this.wire.send({ do: "retry" });
  }

  seconds() {
    return (performance.now() - this.since) / 1000;
  }

  key(event) {
    const { key, target } = event;
    if (!keeps_key(this.root, event)) return;
    const typing = target.matches(`${TYPABLE}, select`);
    if (key === "Enter") {
      const whole = event.ctrlKey || event.metaKey;
      if (!whole && target.matches("button, a, textarea, select, summary")) return;
      this.submit();
    } else if (typing || !this.press(event)) return;
    event.preventDefault();
  }

  /** Do what a single key means here; false where it means nothing. */
  press(event) {
    const { phase, kind } = this.view;
    if (phase === "open" && INPUTS[kind].key?.(this, event)) return true;
    if (event.key === "?") this.hint();
    else if (/^[1-9]$/.test(event.key)) this.choose(Number(event.key) - 1);
    else return false;
    return true;
  }

  choose(position) {
    const { phase, points } = this.view;
    const part = phase === "points" ? this.points : this.field;
    const input = part.querySelectorAll(TICKABLE)[position];
    if (input && !input.disabled) {
      input.focus();
      input.click();
    } else if (phase === "points") {
      const rating = Object.keys(RATINGS)[position - points.length];
      if (rating) this.rate(rating);
    }
  }

  // What the learner notices

  /** Python has replied. The same mistake again changes nothing, and has to be said all the same. */
  hear() {
    this.wire.hear();
    if (this.unsaid && this.view.error) this.update();
  }

  update() {
    const before = this.view;
    const active = document.activeElement;
    const inside = this.root.contains(active);
    this.view = this.model.get("view");
    if (this.view.id !== before.id) this.draft = new Draft(this.view.id);
    // Answered here, it is done with; a card drawn anew may show an older answer.
    else if (this.view.phase === "answered" && before.phase !== "answered") this.draft.set(null);
    this.draw();
    this.unsaid = false;
    this.announce(before);
    if (inside) this.place_focus(active, before);
  }

  place_focus(active, { phase: before }) {
    const { phase, error } = this.view;
    if (phase === "done") return this.root.focus();
    const part = { open: this.field, points: this.points, answered: this.verdict }[phase];
    const next = phase === "answered" ? part
      : INPUTS[this.view.kind].next?.(this) ?? part.querySelector(FOCUSABLE);
    if (phase !== before || error) (next ?? this.root).focus();
    else if (!active.isConnected) this.root.focus();
  }

  announce(before) {
    const { verdict, hints, error, phase } = this.view;
    const news = [error];
    if (this.view.label !== before.label) news.push(`${this.view.label}.`);
    if (hints.length > before.hints.length) news.push(`Hint: ${spoken(hints.at(-1))}`);
    if (phase !== before.phase && verdict) {
      news.push(`${verdict.title}.`, ...verdict.feedback.map((item) => spoken(item.text)));
    }
    this.status.textContent = news.filter(Boolean).join(" ");
  }
}

const checked = (part) =>
  [...part.querySelectorAll(TICKABLE)].filter((input) => input.checked).map(({ value }) => value);

const make_hint = (hint, position) =>
  h("div", { class: "bend-hint" }, head(`Hint ${position + 1}`), html(hint));

const point_text = ({ text, essential }) =>
  h("span", {}, html(text, "span"), essential ? h("em", { class: "bend-essential" }, " essential") : null);

function make_ticked(points, ticked) {
  const rows = points.map((point) => {
    const had = ticked.includes(point.id);
    const word = h("span", { class: "bend-unseen" }, had ? "You had: " : "You missed: ");
    return h("li", { "data-correct": String(had) }, icon(had), word, point_text(point));
  });
  return h("div", {}, head("The model answer"), h("ul", {}, ...rows));
}

/** Scroll to a section's heading, whose id JupyterLab moves to `data-jupyter-id`. */
function go_to(event) {
  const link = event.currentTarget;
  const wanted = decodeURIComponent(link.hash).slice(1).toLowerCase();
  // Another lesson may have a section of the same name.
  const elsewhere = /\.ipynb$/.test(location.pathname) && link.pathname !== location.pathname;
  const page = link.closest(".jp-Notebook") ?? document;
  const heading = !elsewhere && [...page.querySelectorAll("[id], [data-jupyter-id]")].find((node) =>
    [node.id, node.dataset.jupyterId].some((id) => id?.toLowerCase() === wanted));
  if (!heading) return;
  // Found here, so no notebook has to be opened.
  event.preventDefault();
  event.stopImmediatePropagation();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  heading.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" });
}

export default {
  render({ model, el }) {
    const card = new Card(model, el);
    return () => card.dispose();
  },
};
