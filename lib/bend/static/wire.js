// The way to Python, and what a widget says while it hears nothing from there.

const PATIENCE = 4000; // ms without a reply before the widget says so

class Wire {
  /** @param words what to say: `asleep` where no kernel is, `silent` where none replies.
   *  @param speak says a text to who does not see it. */
  constructor(model, el, words, speak) {
    Object.assign(this, { model, words, speak });
    this.note = h("p", { class: "bend-sleep", hidden: "" });
    // ipywidgets marks what it drew from the file alone, once it is on the page.
    setTimeout(() => el.matches(".jupyter-widgets-disconnected") && this.say(words.asleep));
  }

  /** Send, and say `silence` if no reply comes; false where it cannot be sent. */
  send(message, silence = this.words.silent) {
    clearTimeout(this.patience);
    if (this.note.textContent !== this.words.asleep) this.say("");
    this.patience = setTimeout(() => this.note.hidden && this.say(silence), PATIENCE);
    try {
      this.model.send(message);
      return true;
    } catch {
      this.say(this.words.asleep);
      return false;
    }
  }

  /** A reply has come. */
  hear() {
    clearTimeout(this.patience);
    this.say("");
  }

  say(text) {
    if (this.note.textContent === text) return;
    this.note.textContent = text;
    this.note.hidden = !text;
    if (text) this.speak(text);
  }

  close() {
    clearTimeout(this.patience);
  }
}
