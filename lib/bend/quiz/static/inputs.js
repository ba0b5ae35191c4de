// What a learner answers with: one entry for each kind of question, joined to card.js by card.py.
//   draw(card)              the nodes of the empty field
//   read(card)              the answer in it as Python takes it; null where there is none yet
//   fill(card, given, open) brings the field, which is never redrawn, in line with an answer

const INPUTS = {
  none: { draw: () => [], read: () => null, fill() {} },
  choice: {
    draw: (card) => [draw_options(card, "radio", "Choose one")],
    read: (card) => checked(card.field)[0] ?? null,
    fill: fill_options,
  },
  choices: {
    draw: (card) => [draw_options(card, "checkbox", "Choose all that apply")],
    read: (card) => checked(card.field),
    fill: fill_options,
  },
  number: {
    draw: (card) => draw_typed(card, "Your answer",
      h("input", { type: "text", inputmode: "decimal", autocomplete: "off" })),
    read: read_typed,
    fill: fill_typed,
  },
  text: {
    draw: (card) => draw_typed(card, "Your answer, from memory", h("textarea", { rows: "4" })),
    read: read_typed,
    fill(card, given, open) {
      card.field.hidden = !open;
      fill_typed(card, given?.text ?? given, open);
    },
  },
};

// Options to choose

function draw_options(card, type, instruction) {
  const rows = card.view.options.map((option, position) => {
    const said = draw_said(card, position);
    const input = h("input", {
      type, name: card.uid, value: option.id, "aria-label": option.say,
      "aria-keyshortcuts": digit(position), "aria-describedby": said.id,
      change: () => card.keep(),
    });
    const label = h("label", {}, input, html(option.text, "span"), digitcap(position));
    return h("div", { class: "bend-option" }, label, said);
  });
  return h("fieldset",
    { "aria-labelledby": card.ids("prompt", "legend"), "aria-describedby": card.id("error") },
    h("legend", { id: card.id("legend") }, instruction), ...rows);
}

const draw_said = (card, position) =>
  h("div", { class: "bend-said", id: card.id(`said-${position}`), hidden: "" });

function fill_options(card, given, open) {
  for (const input of card.field.querySelectorAll(TICKABLE)) {
    input.checked = [given].flat().includes(input.value);
    input.disabled = !open;
    remark_option(card, input);
  }
}

/** What is said beside an option that was chosen, or should have been. */
function remark_option(card, input) {
  const { verdict } = card.view;
  const said = verdict?.feedback.find((item) => item.option === input.value);
  const remarked = verdict && (input.checked || said);
  // A right choice may come without feedback; a wrong one never does.
  const correct = said?.correct ?? (verdict?.correct === null ? null : true);
  const word = correct === null ? "Your prediction"
    : !input.checked ? "Missed." : correct ? "Right." : "Not this one.";
  remark(card, input.closest(".bend-option"), remarked && { correct, word, text: said?.text });
}

/** Mark a row right or wrong, with a word and what is to be said; nothing where there is nothing. */
function remark(card, row, said) {
  row.toggleAttribute("data-remarked", Boolean(said));
  row.dataset.correct = said ? said.correct : "";
  card.paint(row.querySelector(".bend-said"), said || null, () =>
    said ? [icon(said.correct), h("b", {}, said.word), " ", html(said.text ?? "")] : []);
}

// Something to type

function draw_typed(card, name, input) {
  input.id = card.id("input");
  input.setAttribute("aria-describedby", card.ids("prompt", "error"));
  input.addEventListener("input", () => card.keep());
  const { unit } = card.view;
  return [h("label", { for: input.id }, name), input,
    unit ? h("span", { class: "bend-unit", html: unit }) : null];
}

function read_typed(card) {
  return card.field.querySelector(TYPABLE).value;
}

function fill_typed(card, given, open) {
  const input = card.field.querySelector(TYPABLE);
  if (input.value !== (given ?? "")) input.value = given ?? "";
  input.readOnly = !open;
}
