// Whole numbers that no slider helps to find. A stepper has a button on either side of its number.

/** A number to type. `set` is told what it is; `was` gives what to go back to. */
function make_typed({ low, high, set, was, ...more }) {
  const done = () => (input.value && input.checkValidity() ? set(input.valueAsNumber) : (input.value = was()));
  const input = h("input", { type: "number", min: low, max: high, step: 1, ...more, change: done,
    // Also the number that is there: it may not yet be that of every layer.
    keydown: (event) => event.key === "Enter" && !event.shiftKey && !composes(event) && done() });
  return input;
}

function make_number(form, { name, label, low, high }) {
  const id = form.id(name);
  const input = make_typed({ low, high, id, set: (value) => form.set(name, value), was: () => form.value(name) });
  const fill = (value) => (input.value = value);
  return { el: h("div", { class: "bend-control bend-typed" }, h("label", { for: id }, label), input), fill, main: input };
}

/** What is counted, and where: for the names of the buttons. */
const COUNTED = { layers: ["hidden layer", ""], units: ["unit", " in each layer"] };

function make_stepper(form, { name, label, low, high }) {
  const id = form.id(name);
  const stepper = step_between({ low, high, id, counted: COUNTED[name], set: (value) => form.set(name, value) });
  const el = h("div", { class: "bend-control bend-stepper" }, h("label", { for: id }, label), stepper.el);
  return { el, fill: stepper.fill, main: stepper.input };
}

/** A number between − and +. */
function step_between({ low, high, counted: [what, where], set, ...more }) {
  let now = low;
  const input = make_typed({ low, high, was: () => now, set: (value) => go(value - now), ...more });
  const go = (by) => {
    if (now + by < low || now + by > high) return;
    fill(now + by);
    set(now);
  };
  const button = (sign, words, by) => h("button", { type: "button", class: "bend-step",
    "aria-label": `One ${what} ${words}${where}`, click: () => go(by) }, sign);
  const [fewer, more_of] = [button("\u2212", "fewer", -1), button("+", "more", 1)];
  const fill = (value) => {
    now = value;
    input.value = value;
    // Not disabled, which would take the focus away from under who pressed it last.
    fewer.setAttribute("aria-disabled", String(now <= low));
    more_of.setAttribute("aria-disabled", String(now >= high));
  };
  return { el: h("span", { class: "bend-steps" }, fewer, input, more_of), fill, input };
}
