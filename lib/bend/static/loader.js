// All that is sent with each widget: its script and its style sheet are held by one widget for all
// of its kind. A notebook so stores them once, and not again with every card.

async function load(assets) {
  const id = assets.get("id");
  const sheet = document.getElementById(id) ?? document.createElement("style");
  Object.assign(sheet, { id, textContent: assets.get("sheet") });
  document.head.append(sheet);
  const address = URL.createObjectURL(new Blob([assets.get("script")], { type: "text/javascript" }));
  const { default: widget } = await import(address);
  URL.revokeObjectURL(address);
  return widget;
}

export default {
  async render({ model, el }) {
    const assets = await model.widget_manager.get_model(model.get("assets"));
    assets.loaded ??= load(assets);
    return (await assets.loaded).render({ model, el });
  },
};
