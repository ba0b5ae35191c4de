// A curve to draw: heights over columns, joined by lines. Dragging sets every column it passes, a
// click or the arrow keys set one, and between two points that are set the curve is complete.
// For each column there is a slider, so that what can be drawn can be drawn, and read, by anybody.

const MARGIN = { left: 40, right: 14, top: 30, bottom: 40 };
const DRAG = "Drag across the plot, or set single points, which are joined by lines.";
const KEYS =
  "← → choose a point, ↑ ↓ move it, Page ↑ ↓ move it far, Space sets it, Delete removes it.";

INPUTS.sketch = {
  draw: (card) => (card.plot = new Plot(card)).nodes,
  read: (card) => card.plot.curve(),
  fill: (card, given, open) => card.plot.fill(given, open),
};

/** An element of a picture. */
function s(tag, properties = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(properties)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child != null));
  return node;
}

const tidy = (number) => Number(number.toFixed(6));
const written = (number) => String(tidy(number)).replace("-", "−");
const path = (points) => points.map(([x, y], n) => `${n ? "L" : "M"}${x} ${y}`).join("");

/** Round numbers from low to high, at most so many. */
function ticks(low, high, most) {
  const power = 10 ** Math.floor(Math.log10((high - low) / most));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => (high - low) / n <= most);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, n) => tidy((first + n) * step));
}

class Plot {
  constructor(card) {
    this.card = card;
    Object.assign(this, card.view.plot);
    this.last = this.z.length - 1;
    this.points = this.z.map(() => null);
    this.past = [];
    this.current = 0; // the column that Tab comes to
    this.open = true;
    this.build();
  }

  build() {
    const { card } = this;
    this.svg = s("svg", { "aria-hidden": "true" });
    this.sliders = this.z.map((z, column) => this.make_slider(z, column));
    this.frame = h("div", { class: "bend-plot", pointerdown: (event) => this.press(event),
      pointermove: (event) => this.move(event), pointerup: (event) => this.release(event),
      pointercancel: (event) => this.release(event), pointerleave: () => this.point_at(null) },
      this.svg, ...this.sliders);
    this.undo = h("button", { type: "button", click: () => this.back() }, "Undo");
    this.clear = h("button", { type: "button", click: () => this.start_over() }, "Clear");
    this.how = h("p", { class: "bend-how" }, h("span", {}, DRAG),
      h("span", { id: card.id("keys") }, KEYS));
    this.legend = h("p", { class: "bend-legend" });
    this.tools = h("div", { class: "bend-tools" }, this.legend, this.undo, this.clear);
    this.numbers = h("div", { hidden: "" });
    this.nodes = [h("fieldset", { class: "bend-sketch",
      "aria-labelledby": card.ids("prompt", "legend"),
      "aria-describedby": card.ids("axes", "keys", "error") },
      h("legend", { class: "bend-unseen", id: card.id("legend") }, "Draw the curve"),
      this.how,
      h("p", { class: "bend-unseen", id: card.id("axes") }, `The plot shows ${this.words}.`),
      this.frame, this.tools, this.numbers)];
    this.size = new ResizeObserver(() => this.render());
    this.size.observe(this.frame);
  }

  make_slider(z, column) {
    return h("input", { type: "range", min: this.low, max: this.high, step: this.step,
      "aria-label": `${this.name} at z = ${written(z)}`,
      keydown: (event) => this.key(event, column),
      // What assistive technology changes without a key.
      input: (event) => this.set(column, Number(event.target.value)),
      focus: () => this.point_at(this.current = column), blur: () => this.point_at(null) });
  }

  // The curve

  /** The heights of all columns: those that are set, lines between them, null beyond them. */
  curve() {
    const set = this.z.map((_, column) => column).filter((column) => this.points[column] != null);
    return this.z.map((_, column) => {
      const right = set.find((other) => other >= column);
      const left = set.findLast((other) => other <= column);
      if (right == null || left == null) return null;
      if (left === right) return this.points[column];
      const part = (column - left) / (right - left);
      return tidy((1 - part) * this.points[left] + part * this.points[right]);
    });
  }

  /** Where a column is, or would come to be if it were set now. */
  level(column) {
    const near = (other) => Math.abs(other - column);
    const set = this.z.map((_, other) => other).filter((other) => this.points[other] != null);
    const nearest = set.sort((one, other) => near(one) - near(other))[0];
    return this.curve()[column] ?? this.points[nearest] ?? this.snap(0);
  }

  /** The nearest height that the keys can reach too: a steady hand for everybody. */
  snap(y) {
    const steps = Math.round((Math.min(Math.max(y, this.low), this.high) - this.low) / this.step);
    return tidy(Math.min(this.low + steps * this.step, this.high));
  }

  set(column, y) {
    this.remember();
    this.points[column] = this.snap(y);
    this.keep();
  }

  remember() {
    this.past.push([...this.points]);
  }

  back() {
    this.points = this.past.pop();
    this.keep();
    if (this.undo.disabled) this.sliders[this.current].focus();
  }

  start_over() {
    this.remember();
    this.points = this.z.map(() => null);
    this.keep();
    this.sliders[0].focus();
  }

  keep() {
    this.card.draft.set({ response: this.points });
    this.render();
  }

  fill(given, open) {
    const whole = Array.isArray(given) && given.length === this.z.length;
    this.unroll = this.open && !open && this.frame.isConnected;
    if (open !== this.open) this.past = [];
    this.points = whole ? [...given] : this.z.map(() => null);
    this.open = open;
    this.render();
  }

  // By pointer

  /** Where a pointer is, in columns and in heights. */
  locate({ clientX, clientY }) {
    const box = this.svg.getBoundingClientRect();
    const across = (clientX - box.left - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right);
    const down = (clientY - box.top - MARGIN.top) / (this.height - MARGIN.top - MARGIN.bottom);
    return { column: Math.min(Math.max(across, 0), 1) * this.last,
      y: this.high - down * (this.high - this.low) };
  }

  press(event) {
    if (!this.open || event.button || this.stroke) return;
    this.pointer = event.pointerId;
    // A slider that had the focus gives it up to the one under the pointer, without a ring.
    event.preventDefault();
    this.frame.setPointerCapture(event.pointerId);
    this.remember();
    this.stroke = this.locate(event);
    const nearest = this.sliders[Math.round(this.stroke.column)];
    nearest.focus({ preventScroll: true, focusVisible: false });
    this.draw_to(this.stroke);
  }

  move(event) {
    // A second finger, or the palm, draws nothing.
    if (!this.open || (this.stroke && event.pointerId !== this.pointer)) return;
    const place = this.locate(event);
    if (this.stroke) this.draw_to(place);
    else if (event.pointerType === "mouse") this.point_at(Math.round(place.column), place.y);
  }

  /** Set the columns between the last place and this one, and the one nearest to it. */
  draw_to(place) {
    const from = this.stroke;
    const [low, high] = [from.column, place.column].sort((one, other) => one - other);
    for (let column = Math.ceil(low); column <= high; column++) {
      const part = low === high ? 1 : (column - from.column) / (place.column - from.column);
      this.points[column] = this.snap((1 - part) * from.y + part * place.y);
    }
    this.points[Math.round(place.column)] = this.snap(place.y);
    this.stroke = place;
    this.hover = { column: Math.round(place.column), y: this.snap(place.y) };
    this.keep();
  }

  release(event) {
    if (event.pointerId === this.pointer) this.stroke = null;
  }

  // By keyboard

  key(event, column) {
    const { key } = event;
    const to = { ArrowLeft: column - 1, ArrowRight: column + 1, Home: 0, End: this.last }[key];
    const by = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5, " ": 0 }[key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (to != null) this.sliders[Math.min(Math.max(to, 0), this.last)].focus();
    else if (by != null) this.set(column, this.level(column) + by * this.step);
    else if (["Delete", "Backspace"].includes(key)) this.take_away(column);
    else return;
    event.preventDefault();
  }

  take_away(column) {
    if (this.points[column] == null) return;
    this.remember();
    this.points[column] = null;
    this.keep();
  }

  /** Show a place: a column that has the focus, or where the mouse would draw. */
  point_at(column, y) {
    if (this.stroke) return;
    this.hover = column == null ? null : { column, y: y == null ? null : this.snap(y) };
    this.render();
  }

  // The picture

  x(z) {
    const [first, last] = [this.z[0], this.z[this.last]];
    return MARGIN.left + ((z - first) / (last - first)) * (this.width - MARGIN.left - MARGIN.right);
  }

  up(y) {
    const inner = this.height - MARGIN.top - MARGIN.bottom;
    return MARGIN.top + ((this.high - y) / (this.high - this.low)) * inner;
  }

  render() {
    this.width = this.frame.clientWidth;
    if (this.width < 80) return;
    this.height = Math.round(Math.min(Math.max(this.width * 0.62, 240), 380));
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.setAttribute("height", this.height);
    this.frame.toggleAttribute("data-open", this.open);
    this.svg.replaceChildren(...[this.make_grid(), this.make_gaps(), this.make_curve(),
      this.make_truth(), this.make_invitation(), this.make_hover(), ...this.make_marks()]
      .filter(Boolean));
    this.sync();
  }

  make_grid() {
    const [left, right] = [MARGIN.left, this.width - MARGIN.right];
    const [top, bottom] = [MARGIN.top, this.height - MARGIN.bottom];
    const across = ticks(this.z[0], this.z[this.last], this.width < 400 ? 4 : 8);
    const up = ticks(this.low, this.high, this.height < 300 ? 4 : 6);
    const line = (x1, y1, x2, y2, zero) =>
      s("line", { x1, y1, x2, y2, class: zero ? "bend-zero" : "bend-grid" });
    const words = (x, y, text, more) => s("text", { x, y, ...more }, text);
    return s("g", {},
      s("rect", { class: "bend-sheet", x: left, y: top, width: right - left, height: bottom - top,
        rx: 6 }),
      ...across.filter((z) => z !== this.z[0] && z !== this.z[this.last])
        .map((z) => line(this.x(z), top, this.x(z), bottom, z === 0)),
      ...up.filter((y) => y !== this.low && y !== this.high)
        .map((y) => line(left, this.up(y), right, this.up(y), y === 0)),
      ...across.map((z) => words(this.x(z), bottom + 18, written(z), { "text-anchor": "middle" })),
      ...up.map((y) => words(left - 8, this.up(y) + 4, written(y), { "text-anchor": "end" })),
      words((left + right) / 2, bottom + 36, "z", { class: "bend-axis", "text-anchor": "middle" }),
      words(8, 16, this.name, { class: "bend-axis" }));
  }

  /** What is still to be drawn, once its lack has been complained of. */
  make_gaps() {
    const missing = this.z.filter((_, column) => this.curve()[column] == null);
    if (!this.card.view.error || !missing.length || !this.open) return null;
    const half = (this.x(this.z[1]) - this.x(this.z[0])) / 2;
    const [left, right] = [MARGIN.left, this.width - MARGIN.right];
    return s("g", { class: "bend-gap" }, ...missing.map((z) => {
      const [from, to] = [Math.max(this.x(z) - half, left), Math.min(this.x(z) + half, right)];
      return s("rect", { x: from, y: MARGIN.top, width: to - from,
        height: this.height - MARGIN.top - MARGIN.bottom });
    }));
  }

  make_curve() {
    const drawn = this.curve().map((y, column) => [column, y]).filter(([, y]) => y != null);
    const places = drawn.map(([column, y]) => [this.x(this.z[column]), this.up(y)]);
    const dots = drawn.filter(([column]) => this.points[column] != null && this.open);
    return s("g", { class: "bend-yours" }, s("path", { d: path(places) }),
      ...dots.map(([column, y]) =>
        s("circle", { cx: this.x(this.z[column]), cy: this.up(y), r: 3.5 })));
  }

  make_truth() {
    const curve = this.card.view.verdict?.curve ?? [];
    if (!curve.length) return null;
    const [bottom, top] = [this.low, this.high];
    const places = curve.map(([z, y]) => [this.x(z), this.up(Math.min(Math.max(y, bottom), top))]);
    return s("g", { class: this.unroll ? "bend-true bend-new" : "bend-true" },
      s("path", { d: path(places) }));
  }

  make_invitation() {
    if (!this.open || this.hover || this.points.some((y) => y != null)) return null;
    return s("text", { class: "bend-invitation", "text-anchor": "middle",
      x: (this.width + MARGIN.left - MARGIN.right) / 2, y: this.up(this.high) + 34 }, "Draw here");
  }

  make_hover() {
    if (!this.hover || !this.open) return null;
    const { column } = this.hover;
    const ring = this.hover.y == null;
    // Focus that came with a pointer needs no ring.
    if (ring && !this.sliders[column].matches(":focus-visible")) return null;
    const y = this.hover.y ?? this.level(column);
    const [x, height] = [this.x(this.z[column]), this.up(y)];
    const place = `z = ${written(this.z[column])}, ${this.name} = ${written(y)}`;
    return s("g", { class: ring ? "bend-here bend-ring" : "bend-here" },
      s("line", { x1: x, x2: x, y1: MARGIN.top, y2: this.height - MARGIN.bottom }),
      s("circle", { cx: x, cy: height, r: ring ? 9 : 5 }),
      s("text", { x: this.width - MARGIN.right, y: 16, "text-anchor": "end" }, place));
  }

  /** The numbers of what is said below, at the places where it shows. */
  make_marks() {
    const taken = {};
    const [left, right] = [MARGIN.left + 11, this.width - MARGIN.right - 11];
    return (this.card.view.verdict?.feedback ?? []).map(({ at }, n) => {
      taken[at] = (taken[at] ?? 0) + 1;
      const x = Math.min(Math.max(this.x(this.z[at]), left), right);
      const above = this.up(this.points[at]) - 22 * taken[at];
      const y = above < MARGIN.top ? this.up(this.points[at]) + 22 * taken[at] : above;
      return s("g", { class: "bend-mark" }, s("circle", { cx: x, cy: y, r: 10 }),
        s("text", { x, y: y + 4.5, "text-anchor": "middle" }, n + 1));
    });
  }

  // What stands around it

  sync() {
    const curve = this.curve();
    this.sliders.forEach((slider, column) => {
      const y = this.level(column);
      slider.value = y;
      slider.disabled = !this.open;
      slider.tabIndex = column === this.current ? 0 : -1;
      slider.style.left = `${this.x(this.z[column])}px`;
      slider.setAttribute("aria-valuetext", curve[column] == null ? "not drawn yet"
        : this.points[column] == null ? `${written(y)}, on the line between points` : written(y));
    });
    this.undo.disabled = !this.past.length;
    this.clear.disabled = this.points.every((y) => y == null);
    for (const tool of [this.how, this.undo, this.clear]) tool.hidden = !this.open;
    const { verdict } = this.card.view;
    const both = Boolean(verdict?.curve?.length);
    this.card.paint(this.legend, [this.open, both], () => this.open ? []
      : [make_key("bend-yours", "Your curve, solid"),
        both ? make_key("bend-true", "The true curve, dashed") : null]);
    this.card.paint(this.numbers, both && [this.points, verdict.curve], () =>
      both ? [this.make_numbers(verdict.curve)] : []);
  }

  make_numbers(truth) {
    const each = (truth.length - 1) / this.last;
    const row = (tag, ...cells) => h("tr", {}, ...cells.map((cell) => h(tag, {}, cell)));
    const rows = this.z.map((z, column) => row("td", written(z), written(this.points[column]),
      written(Number(truth[column * each][1].toFixed(3)))));
    return h("details", {},
      h("summary", { "data-lm-suppress-shortcuts": "true" }, "Both curves in numbers"),
      h("table", {}, h("thead", {}, row("th", "z", "Yours", "True")), h("tbody", {}, ...rows)));
  }
}

const make_key = (name, words) =>
  h("span", {}, s("svg", { class: name, width: 34, height: 10, "aria-hidden": "true" },
    s("path", { d: "M2 5H32" })), words);

/** What is said about a fault, with the number that stands in the plot. */
function make_fault(card, item, n) {
  const where = `Mark ${n + 1}, at z = ${written(card.view.plot.z[item.at])}: `;
  return h("div", { class: "bend-fault" },
    h("span", { class: "bend-number", "aria-hidden": "true" }, n + 1),
    h("span", { class: "bend-unseen" }, where), html(item.text));
}
