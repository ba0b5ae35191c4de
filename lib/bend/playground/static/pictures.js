// What the playground draws besides the network: the border with the data, the loss, and the charts.

const BLUE = { colour: "blue", marker: "o" };
const ORANGE = { colour: "orange", marker: "^" };
// Of two labels none, the first, the second, both.
const KINDS = { "00": { colour: "quiet", marker: "s" }, 10: ORANGE, "01": BLUE, 11: { colour: "ink", marker: "D" } };

/** The theme, with a colour for every number from −1 to 1 too. */
class Shades extends Theme {
  css(colour, opacity) {
    if (typeof colour !== "number") return super.css(colour, opacity);
    const { paper, blue, orange } = this.shades;
    const [full, share] = [colour > 0 ? orange : blue, Math.min(Math.abs(colour), 1)];
    return `rgb(${paper.map((part, n) => Math.round(part + share * (full[n] - part))).join(" ")})`;
  }
}

class Pictures {
  constructor(owner) {
    this.owner = owner;
    const panel = () => new Panel(owner.theme, this);
    [this.border, this.losses, this.norms, this.shares] = [panel(), panel(), panel(), panel()];
    this.border.pen.canvas.dataset.picture = "border";
    this.output = this.make_output();
    this.charts = h("div", { class: "bend-panels bend-charts" },
      this.explained(this.norms, "Level: every layer gets its share. Slanted: each layer multiplies the gradient by a factor."),
      this.explained(this.shares, "Flat: a slope below a hundredth of its largest. Dead: flat at every training point."));
  }

  make_output() {
    [this.seen, this.train, this.test] = ["bend-seen", "", ""].map((name) => h("p", { class: name }));
    this.scale = h("div", { class: "bend-scale" });
    this.tests = h("input", { type: "checkbox", checked: "", change: () => this.owner.redraw() });
    const key = (name, words) =>
      h("p", { class: "bend-key" }, h("span", { class: `bend-dot bend-${name}` }), words);
    return h("div", { class: "bend-output", role: "group", "aria-label": "Output" },
      h("div", { class: "bend-answer" }, this.seen, this.border.el,
        this.scale,
        h("div", { class: "bend-control bend-switch" },
          h("label", {}, this.tests, h("span", {}, "Show test points (hollow)")))),
      h("div", { class: "bend-progress" }, this.losses.el,
        h("div", { class: "bend-losses" }, key("train", "training"), this.train, key("test", "test"), this.test)));
  }

  explained({ el }, words) {
    el.append(h("p", { class: "bend-legend" }, words));
    return el;
  }

  draw(frame) {
    this.draw_border(frame);
    const { id } = this.owner.summary;
    this.losses.show(loss_chart(frame), id);
    this.norms.show(norm_chart(frame), id);
    this.shares.show(share_chart(frame), id);
    this.shares.el.hidden = !frame.flat.length;
    for (const chart of [this.losses, this.norms, this.shares]) chart.draw();
    this.train.textContent = frame.train;
    this.test.textContent = frame.test || "no test points";
    this.tests.closest(".bend-switch").hidden = !frame.test;
  }

  /** The border, or the unit that is pointed at, with the data. */
  draw_border(frame) {
    const { owner } = this;
    const data = owner.model.get("data");
    const unit = owner.network.picture(frame);
    const size = unit?.size ?? frame.size;
    const outputs = unit ? [unit.values] : owner.network.outputs.map((_, n) => owner.network.output(frame, n));
    const limits = [-data.limit, data.limit];
    const axis = { limits, label: "", log: false, shown: false, integer: false };
    const title = unit?.title ?? "Output";
    const reach = unit?.reach ?? 1;
    const asks = unit ? (unit.asks ?? "") : data.asks;
    const ends = asks === data.asks ? data.ends : asks ? ["no", "yes"] : [written(-reach, 2), written(reach, 2)];
    this.name_scale(title, ends, asks);
    const marks = [
      ...this.images(outputs, size, data.limit, reach),
      ...(unit || data.asks === "number" ? [] : borders(frame.shades, size, data.limit)),
      ...this.points(data),
    ];
    this.border.show({ name: "border", title: "", alt: `${title}: ${frame.train}`, width: 280, height: 320,
      equal: true, x: axis, y: axis, marks }, owner.summary.id);
    this.border.draw();
  }

  /** One heat map, or one for each of two labels, each in its colour and laid over the other. */
  images(outputs, size, limit, reach) {
    const half = limit * (1 + 1 / (size - 1));
    const image = { kind: "image", shape: [size, size], limits: [[-half, half], [-half, half]], reach,
      opacity: 0.72, smooth: true };
    // The panel draws what is below 0 in orange, and class 1 is orange in all of the course.
    if (outputs.length === 1) return [{ ...image, values: outputs[0].map((value) => -value) }];
    return outputs.map((values) => ({ ...image, values: values.map((value) => -value), mixes: true }));
  }

  /** Say what is seen, and what full blue and full orange stand for. */
  name_scale(title, ends, asks) {
    if (this.seen.textContent !== title) this.seen.textContent = title;
    if (this.scale.dataset.asks === asks && this.scale.textContent === ends.join("")) return;
    this.scale.dataset.asks = asks;
    const [first, ...others] = ends.map((end) => h("p", {}, end));
    const shades = asks === "labels" ? null : h("span", { class: "bend-shades" });
    this.scale.replaceChildren(...[first, shades, ...others].filter(Boolean));
  }

  points(data) {
    if (this.sorted?.data !== data) {
      const marks = data.asks === "number" ? heights(data) : kinds(data);
      this.sorted = { data, marks };
    }
    return this.sorted.marks.filter(({ tests }) => !tests || this.tests.checked);
  }
}

/** How each point is drawn: by its class, by its labels, or in the shade of its number. */
function looks({ asks, y }) {
  const answers = [...floats(y)];
  if (asks === "class") return answers.map((answer) => (answer ? ORANGE : BLUE));
  // In steps of a quarter, so that few marks do.
  if (asks === "number") return answers.map((answer) => SHADED[Math.round(4 * answer) + 4]);
  return answers.flatMap((_, n) => (n % 2 ? [] : [KINDS[`${answers[n]}${answers[n + 1]}`]]));
}

const SHADED = [...Array(9).keys()].map((n) => ({ colour: n / 4 - 1, marker: "o" }));

/** The points, of those that test or of the others, that have this look, or all: one mark. */
function dots(data, all, tests, wanted, look = wanted) {
  const [places, tested] = [floats(data.x), floats(data.tested)];
  const rows = [...all.keys()].filter((n) => Boolean(tested[n]) === tests && (!wanted || all[n] === wanted));
  return { kind: "points", x: rows.map((n) => places[2 * n]), y: rows.map((n) => places[2 * n + 1]),
    tests, hollow: tests, size: 3.4, ...look };
}

function kinds(data) {
  const all = looks(data);
  return [false, true].flatMap((tests) => [...new Set(all)].map((look) => dots(data, all, tests, look)));
}

/** Points in the colours of their answers, each with a rim to stand out by. */
function heights(data) {
  const all = looks(data);
  const rim = { colour: "quiet", marker: "o", size: 4.6, hollow: false };
  return [false, true].flatMap((tests) => [
    dots(data, all, tests, null, rim), ...SHADED.map((look) => dots(data, all, tests, look)),
  ]);
}

function loss_chart({ losses, test }) {
  const column = (n) => losses.filter((_, at) => at % 3 === n);
  const [steps, trained, tested] = [0, 1, 2].map(column);
  const finite = [...trained, ...(test ? tested : [])].filter(Number.isFinite);
  // What diverges would flatten all that came before.
  const most = Math.max(5, ...[trained[0], tested[0]].filter(Number.isFinite));
  const top = Math.max(0.01, Math.min(Math.max(...finite, 0), most) * 1.05);
  const line = { kind: "line", x: steps, width: 2, opacity: 1, label: "" };
  return { ...chart("losses", "Loss by step", { limits: [0, Math.max(steps.at(-1), 10)], integer: true },
    { limits: [0, top] }, [
      ...(test ? [{ ...line, y: tested, colour: "green", dashes: true }] : []),
      { ...line, y: trained, colour: "purple", dashes: false },
      ...no_number(trained, Math.max(steps.at(-1), 10) / 2, top / 2),
    ]), height: 140 };
}

/** Words where there is nothing to draw. */
const no_number = (values, x, y) => [...values].every(Number.isFinite) ? [] : [{ kind: "text", x, y,
  text: "no number", colour: "purple", align: "center", size: 12 }];

function norm_chart({ norms }) {
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
  if (!known.length && !none.length) marks.push(...no_number([NaN], (norms.length + 1) / 2, middle));
  return chart("norms", "Gradient norm by layer", by_layer(norms), { limits, log: true }, marks);
}

function share_chart({ dead, flat }) {
  return chart("shares", "Dead units, flat slopes", by_layer(flat), { limits: [0, 1] },
    [...dotted(flat, "green", "flat"), ...dotted(dead, "pink", "dead")]);
}

const chart = (name, title, x, y, marks) => ({
  name, title, alt: title, width: 240, height: 190, equal: false, marks,
  x: { label: "", log: false, shown: true, integer: false, ...x },
  y: { label: "", log: false, shown: true, integer: false, ...y },
});

const by_layer = (values) => ({ limits: [0.5, values.length + 0.5], integer: true,
  label: "layer (1 is nearest the input)" });

function dotted(values, colour, label) {
  const x = [...values].map((_, n) => n + 1);
  const size = values.length > 20 ? 2.5 : 4;
  return [
    { kind: "line", x, y: [...values], colour, width: 1.5, opacity: 0.6, dashes: false, label },
    { kind: "points", x, y: [...values], colour, marker: "o", size, hollow: false },
  ];
}

/** Where the outputs, one after the other, change from no to yes. */
function borders(shades, size, limit) {
  const count = Math.round(shades.length / size ** 2);
  return [...Array(count).keys()].flatMap((n) =>
    contour(shades.subarray(n * size ** 2, (n + 1) * size ** 2), size, limit));
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
