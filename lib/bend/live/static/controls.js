// Native controls: the browser knows their keys, and a screen reader what they are. Each tells
// `form.set(name, value)`, and `fill(value)` shows what is set. What is set goes to Python by Waiting.

const CONTROLS = { slider: make_slider, choice: make_choice, switch: make_switch };

function make_slider(form, spec) {
  const { name, label, low, high, step, log } = spec;
  const id = form.id(name);
  const to = (value) => (log ? Math.log10(value) : value);
  const whole = log && step === 1;
  const round = (value) => (whole ? Math.round(value) : Number(value.toPrecision(3)));
  const from = (place) => (log ? round(10 ** place) : place);
  const fine = log ? (to(high) - to(low)) / 200 : step;
  // Rounded down, the last step would miss the end.
  const top = to(high) + (log ? fine / 1e6 : 0);
  const range = h("input", { type: "range", id, min: to(low), max: top, step: fine,
    input: () => set(reached(Number(range.value))) });
  const typed = h("input", { type: "number", min: low, max: high, step: log && !whole ? "any" : step,
    "aria-label": `${label}, typed`,
    input: () => {
      typing = true;
      if (valid()) set(typed.valueAsNumber);
    },
    blur: () => (typing = false),
    // What cannot be is put right when one leaves the field, not while one types.
    change: () => {
      typing = false;
      if (Number.isNaN(typed.valueAsNumber)) fill(form.value(name));
      else set(within(typed.valueAsNumber, low, high));
    } });
  let typing = false;
  // A move too small for a whole number goes to the next one.
  const reached = (place) => {
    const [value, now] = [from(place), form.value(name)];
    return whole && value === now ? within(now + Math.sign(place - to(now)), low, high) : value;
  };
  const valid = () => typed.valueAsNumber >= low && typed.valueAsNumber <= high;
  const set = (value) => {
    form.set(name, value);
    fill(value);
  };
  const fill = (value) => {
    range.value = to(value);
    range.style.setProperty("--share", (to(value) - to(low)) / (to(high) - to(low)));
    if (log) range.setAttribute("aria-valuetext", written(value));
    // Not under the hands of who is typing.
    const own = document.activeElement === typed && (typing || typed.valueAsNumber === value);
    if (!own) typed.value = String(Number(Number(value).toPrecision(6)));
  };
  const el = h("div", { class: "bend-control bend-slider" },
    h("label", { for: id }, label), range, typed);
  return { el, fill, main: range };
}

function make_choice(form, spec) {
  const { name, label, options, pills } = spec;
  if (pills) return make_pills(form, spec);
  const id = form.id(name);
  const select = h("select", { id, change: () => form.set(name, select.value) },
    ...options.map(([value, words]) => h("option", { value }, words)));
  const el = h("div", { class: "bend-control bend-choice" }, h("label", { for: id }, label), select);
  return { el, fill: (value) => (select.value = value), main: select };
}

function make_pills(form, { name, label, options }) {
  const inputs = options.map(([value]) =>
    h("input", { type: "radio", name: form.id(name), value, change: () => form.set(name, value) }));
  const pills = options.map(([, words], n) => h("label", {}, inputs[n], h("span", {}, words)));
  const el = h("fieldset", { class: "bend-control bend-pills" }, h("legend", {}, label), ...pills);
  const fill = (value) => inputs.forEach((input) => (input.checked = input.value === value));
  return { el, fill, main: inputs[0] };
}

function make_switch(form, { name, label }) {
  const input = h("input", { type: "checkbox", change: () => form.set(name, input.checked) });
  const el = h("div", { class: "bend-control bend-switch" }, h("label", {}, input, h("span", {}, label)));
  return { el, fill: (value) => (input.checked = value), main: input };
}

/** What was set and is not known to Python: the newest values only, and one message at a time. */
class Waiting {
  /** @param send sends a message and returns its number, or null where it cannot be sent. */
  constructor(send) {
    Object.assign(this, { send, values: {}, flown: null, number: null });
  }

  put(name, value) {
    this.values[name] = value;
    this.go();
  }

  /** Send what waits, unless something is on its way: then when that was heard. */
  go() {
    if (this.flown || !Object.keys(this.values).length) return;
    this.flown = { ...this.values };
    this.number = this.send({ do: "set", values: this.flown });
    if (!this.number) this.flown = null;
  }

  /** Send it at once, before a message that it would undo if it came after it. */
  hurry() {
    this.flown = null;
    this.go();
  }

  /** Python has heard what was on its way. */
  settle() {
    for (const [name, value] of Object.entries(this.flown ?? {})) {
      if (this.values[name] === value) delete this.values[name];
    }
    this.flown = null;
    this.go();
  }
}

/** Keep the keys of a figure from the notebook, and those pressed on the figure itself from the page. */
function guard_figure(root, event) {
  const own = event.target === root && event.key.length === 1;
  if (keeps_key(root, event) && own) event.preventDefault();
}
