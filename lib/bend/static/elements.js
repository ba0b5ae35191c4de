// What every widget of the course is made of: elements whose keys stay out of the notebook's way.

/** An element. Text goes in as text; only `html` is markup, which Python made safe. */
function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  const focusable = ["input", "textarea", "select", "button", "a", "summary"].includes(tag);
  // JupyterLab and Notebook leave a key alone only where the focused element itself says so.
  if (focusable || "tabindex" in properties) {
    node.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  for (const [name, value] of Object.entries(properties)) {
    if (name === "html") node.innerHTML = value;
    else if (typeof value === "function") node.addEventListener(name, value);
    else if (value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

/** Whether a key belongs to an input method; Safari sends its last Enter too late, as 229. */
const composes = (event) => event.isComposing || event.keyCode === 229;

/** Whether a key is the widget's: it then does not reach the notebook, whose letters are commands. */
function keeps_key(root, event) {
  if (composes(event)) {
    event.stopPropagation();
    return false;
  }
  const { key, target } = event;
  const whole = event.ctrlKey || event.metaKey;
  if (whole && key.toLowerCase() === "s") return hand_on(event, root.parentElement);
  if (key === "Enter" && event.shiftKey && !target.matches("textarea")) {
    const cell = root.closest(".jp-Cell");
    cell?.focus();
    return hand_on(event, cell ?? root.parentElement);
  }
  if (event.altKey || key === "Tab" || key === "Escape" || (whole && key !== "Enter")) return false;
  event.stopPropagation();
  return true;
}

/** Give the notebook a key that is its own, save or run: what keeps letters from it stops all. */
function hand_on(event, receiver) {
  event.preventDefault();
  event.stopPropagation();
  receiver.dispatchEvent(new KeyboardEvent("keydown", event));
  return false;
}

/** Have JupyterLab open the notebook that a link leads to, as it does for links in its cells. */
async function open_in_lab(link, address, { resolver, linkHandler } = {}) {
  if (!address || !resolver || !linkHandler) return;
  const [file, anchor] = address.split("#");
  const place = anchor ? `#${decodeURIComponent(anchor)}` : "";
  linkHandler.handleLink(link, await resolver.resolveUrl(file), place);
}
