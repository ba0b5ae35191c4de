// Answers in several parts: items to match, steps to order, gaps to fill.

INPUTS.match = {
  draw: (card) => [draw_pairs(card)],
  read: (card) => Object.fromEntries(
    [...card.field.querySelectorAll("input:checked")].map((input) =>
      [input.closest(".bend-pair").dataset.id, input.value])),
  fill(card, given, open) {
    for (const input of card.field.querySelectorAll("input")) {
      const pair = input.closest(".bend-pair");
      input.checked = given?.[pair.dataset.id] === input.value;
      input.disabled = !open;
    }
    for (const pair of card.field.querySelectorAll(".bend-pair")) {
      remark_part(card, pair, "Not this one.");
    }
  },
  /** A digit chooses for the line in focus, then goes on to the next one that is open. */
  key(card, { key }) {
    const current = document.activeElement.closest(".bend-pair") ?? open_pair(card);
    const input = current?.querySelectorAll("input")[Number(key) - 1];
    if (!input) return false;
    input.click();
    (open_pair(card)?.querySelector("input") ?? input).focus();
    return true;
  },
  next: (card) => open_pair(card)?.querySelector("input"),
};

const open_pair = (card) =>
  [...card.field.querySelectorAll(".bend-pair")].find((pair) => !pair.querySelector(":checked"));

function draw_pairs(card) {
  const { items, options } = card.view;
  const pairs = items.map((item, place) => {
    const said = draw_said(card, place);
    const pills = options.map((option, position) => {
      const input = h("input", { type: "radio", name: card.id(`pair-${place}`), value: option.id,
        "aria-label": option.say, "aria-keyshortcuts": digit(position),
        "aria-describedby": said.id, change: () => card.keep() });
      return h("label", {}, input, h("span", { html: option.text }));
    });
    const text = h("div", { class: "bend-item", id: card.id(`item-${place}`), html: item.text,
      "aria-label": item.say, role: item.say && "img" });
    return h("div", { class: "bend-pair", "data-id": item.id },
      text, h("div", { class: "bend-pills", role: "radiogroup", "aria-labelledby": text.id },
        ...pills), h("span", { class: "bend-mark" }), said);
  });
  return h("div", { role: "group", "aria-labelledby": card.id("prompt"),
    "aria-describedby": card.id("error") }, ...pairs);
}

/** Mark a part right or wrong; what is said of a wrong one stands below it. */
function remark_part(card, row, word) {
  const item = card.view.verdict?.feedback.find(({ option }) => option === row.dataset.id);
  const spoken_mark = item && (item.correct ? "Right" : "Wrong");
  remark(card, row, item && !item.correct ? { ...item, word } : null);
  row.dataset.correct = item ? item.correct : "";
  card.paint(row.querySelector(".bend-mark"), item?.correct ?? null, () =>
    item ? [icon(item.correct), h("span", { class: "bend-unseen" }, spoken_mark)] : []);
}

INPUTS.order = {
  draw(card) {
    const steps = card.view.options.map((step, place) => {
      const name = step.say ?? spoken(step.text);
      const mover = (by, way) => h("button", { type: "button", "aria-label": `Move ${way}: ${name}`,
        class: `bend-${way}`, click: () => move(card, step.id, by) }, arrow(by));
      return h("li", { class: "bend-step", "data-id": step.id },
        h("span", { class: "bend-place", "aria-hidden": "true" }), html(step.text, "span"),
        h("span", { class: "bend-movers" }, mover(-1, "up"), mover(1, "down")),
        draw_said(card, place));
    });
    return [head("First on top", card.id("legend")), h("ol", { class: "bend-steps", role: "list",
      "aria-labelledby": card.ids("prompt", "legend") }, ...steps)];
  },
  /** As shown it is never right, so what was not touched is no answer. */
  read: (card) => card.draft.value.response ?? null,
  fill(card, given, open) {
    const list = card.field.querySelector("ol");
    const ids = given ?? card.view.options.map(({ id }) => id);
    const steps = Object.fromEntries([...list.children].map((step) => [step.dataset.id, step]));
    // Taken out of the page, a step would lose the focus.
    if (ids.some((id, place) => list.children[place] !== steps[id])) {
      list.append(...ids.map((id) => steps[id]));
    }
    number_steps(list);
    list.toggleAttribute("data-open", open);
    const { verdict } = card.view;
    for (const step of list.children) {
      const item = verdict?.feedback.find(({ option }) => option === step.dataset.id);
      remark(card, step, item && { ...item, word: "Not here." });
    }
  },
  key(card, { key }) {
    const step = document.activeElement.closest(".bend-step");
    const by = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (step && by) move(card, step.dataset.id, by);
    else {
      const wanted = card.field.querySelectorAll(".bend-step")[Number(key) - 1];
      if (!wanted) return false;
      wanted.querySelector("button").focus();
    }
    return true;
  },
};

/** The neighbour goes around the step, which so keeps the focus. */
function move(card, id, by) {
  const list = card.field.querySelector("ol");
  const step = [...list.children].find(({ dataset }) => dataset.id === id);
  if (by < 0) step.previousElementSibling && step.after(step.previousElementSibling);
  else step.nextElementSibling && step.before(step.nextElementSibling);
  number_steps(list);
  const ids = [...list.children].map(({ dataset }) => dataset.id);
  card.draft.set({ response: ids });
  card.status.textContent = `Now ${ids.indexOf(id) + 1} of ${ids.length}`;
}

function number_steps(list) {
  [...list.children].forEach((step, place, { length }) => {
    step.querySelector(".bend-place").textContent = place + 1;
    step.querySelector(".bend-up").setAttribute("aria-disabled", place === 0);
    step.querySelector(".bend-down").setAttribute("aria-disabled", place === length - 1);
  });
}

const arrow = (by) => stroke(by < 0 ? "M8 13V3.5M4 7.5l4-4 4 4" : "M8 3v9.5M4 8.5l4 4 4-4");

INPUTS.cloze = {
  draw(card) {
    const sentence = h("div", { class: "bend-sentence", html: card.view.text });
    const said = card.view.gaps.map((gap, place) =>
      h("div", { class: "bend-remark", "data-id": gap.id }, draw_said(card, place)));
    card.view.gaps.forEach((gap, place) => sentence.querySelector(`[data-gap="${gap.id}"]`)
      .append(draw_gap(card, gap, place), h("span", { class: "bend-mark" })));
    return [h("div", { role: "group", "aria-labelledby": card.id("prompt"),
      "aria-describedby": card.id("error") }, sentence, ...said)];
  },
  read: (card) => Object.fromEntries(
    gaps(card).map((input) => [input.parentElement.dataset.gap, input.value])),
  fill(card, given, open) {
    for (const input of gaps(card)) {
      const value = given?.[input.parentElement.dataset.gap] ?? "";
      if (input.value !== value) input.value = value;
      input.readOnly = input.disabled = false;
      input[input.matches("select") ? "disabled" : "readOnly"] = !open;
      remark_gap(card, input);
    }
  },
  /** The first that is empty, else the one that the error names. */
  next(card) {
    const [, number] = /^Gap (\d+)/.exec(card.view.error) ?? [];
    return gaps(card).find((input) => !input.value.trim()) ?? gaps(card)[number - 1];
  },
};

const gaps = (card) => [...card.field.querySelectorAll(".bend-gap > :is(input, select)")];

function draw_gap(card, gap, place) {
  const more = { "aria-label": `Gap ${place + 1} of ${card.view.gaps.length}`,
    "aria-describedby": card.id(`said-${place}`), "data-kind": gap.kind };
  if (gap.kind !== "choice") {
    return h("input", { ...more, type: "text", autocomplete: "off", autocapitalize: "none",
      spellcheck: "false", inputmode: gap.kind === "number" ? "decimal" : null,
      input: () => card.keep() });
  }
  const options = gap.options.map(({ id, text, say }) =>
    h("option", { value: id }, say ?? spoken(text)));
  return h("select", { ...more, change: () => card.keep() },
    h("option", { value: "" }, "Choose…"), ...options);
}

function remark_gap(card, input) {
  const gap = input.parentElement;
  const item = card.view.verdict?.feedback.find(({ option }) => option === gap.dataset.gap);
  const given = input.matches("select") ? input.selectedOptions[0]?.textContent : input.value;
  gap.dataset.correct = item ? item.correct : "";
  card.paint(gap.querySelector(".bend-mark"), item?.correct ?? null, () =>
    item ? [icon(item.correct), h("span", { class: "bend-unseen" },
      item.correct ? "Right" : "Wrong")] : []);
  const row = card.field.querySelector(`.bend-remark[data-id="${gap.dataset.gap}"]`);
  remark(card, row, item && !item.correct ? { ...item, word: `“${given}”` } : null);
}
