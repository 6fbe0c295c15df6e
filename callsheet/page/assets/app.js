// The frame of a page: its head, the tabs of its views, and the panel about one instance.
//
// A view is { id, title(model), hidden?(model), render(root, model, app) }. `render` fills `root` once, when the
// view is first shown, and may return { show(), apply(event, index), select(index) }: called each time it is
// shown, for each event of a live run, and when another instance is chosen. index: of the instance, or null.
//
// A panel adds a part to what is told of one instance: a function (index, model, app) → an element or null.

import { clear, el } from "./dom.js";
import { moment } from "./format.js";
import { inspector } from "./inspector.js";
import { Model } from "./model.js";

// Show a document. Returns the app: { model, root, head, show(view id), select(index), apply(event),
// replace(document), panels, tools }. tools: an element in the head, for buttons of a live page.
export function start(root, data, views, panels = []) {
  const model = new Model(data);
  const app = { model, root, panels, shown: null, selected: null };
  const drawn = new Map();
  app.tools = el("div", { class: "tools" });
  const tabs = el("div", { class: "tabs", role: "tablist", "aria-label": "Views" });
  const main = el("main", { class: "views" });
  const title = el("h1", { class: "title", text: model.film.name });
  const head = el("header", { class: "head" }, title, tabs, app.tools, el("button", {
    type: "button", class: "quiet", title: "Dark or light", "aria-label": "Dark or light", text: "◐", on: { click: turn },
  }));
  const aside = inspector(app);
  clear(root).append(el("a", { class: "skip", href: "#views", text: "Skip to the view" }), head, main, aside.root);
  main.id = "views";
  main.tabIndex = -1;

  const known = views.filter((view) => !view.hidden?.(model));
  const buttons = new Map();
  for (const view of known) {
    const button = el("button", {
      type: "button", role: "tab", id: `tab-${view.id}`, "aria-controls": `view-${view.id}`, text: view.title(model),
      on: { click: () => app.show(view.id), keydown: (event) => step(event, view.id) },
    });
    buttons.set(view.id, button);
    tabs.append(button);
    main.append(el("section", {
      class: `view ${view.id}`, role: "tabpanel", id: `view-${view.id}`, "aria-labelledby": `tab-${view.id}`, tabindex: "0", "data-title": view.title(model),
    }));
  }

  function step(event, id) {
    const ids = known.map((view) => view.id);
    const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!to) return;
    const next = ids[(ids.indexOf(id) + to + ids.length) % ids.length];
    app.show(next);
    buttons.get(next).focus();
  }

  app.show = (id) => {
    const view = known.find((one) => one.id === id) ?? known[0];
    app.shown = view.id;
    for (const other of known) {
      const chosen = other === view;
      buttons.get(other.id).setAttribute("aria-selected", String(chosen));
      buttons.get(other.id).tabIndex = chosen ? 0 : -1;
      document.getElementById(`view-${other.id}`).hidden = !chosen;
    }
    buttons.get(view.id).scrollIntoView?.({ block: "nearest", inline: "nearest" });
    render(view).show?.();
    address();
  };

  // A view is drawn when it is first shown.
  function render(view) {
    if (!drawn.has(view.id)) {
      drawn.set(view.id, {});
      drawn.set(view.id, view.render(document.getElementById(`view-${view.id}`), model, app) ?? {});
    }
    return drawn.get(view.id);
  }

  app.select = (index, focus = true) => {
    app.selected = index;
    aside.show(index, focus);
    for (const view of drawn.values()) view.select?.(index);
    address();
  };

  app.apply = (event) => {
    const index = model.apply(event);
    for (const view of drawn.values()) view.apply?.(event, index);
    if (index !== null && index === app.selected) aside.show(index, false);
    return index;
  };

  // Show a new document, for instance when the graph grew; the view and the chosen instance stay.
  app.replace = (next) => {
    const chosen = app.selected === null ? null : model.instances[app.selected].address;
    model.read(next);
    for (const view of known) clear(document.getElementById(`view-${view.id}`));
    drawn.clear();
    app.show(app.shown);
    const index = model.index.get(chosen);
    if (index !== undefined) app.select(index, false);
  };

  // The address of the page tells the view and the instance, so that it can be sent and the way back works.
  function address() {
    const chosen = app.selected === null ? "" : `/${encodeURIComponent(model.instances[app.selected].address)}`;
    const hash = `#${app.shown}${chosen}`;
    if (location.hash !== hash) history.replaceState(null, "", hash);
  }

  function follow() {
    const [id, name] = location.hash.slice(1).split("/");
    app.show(id);
    const index = name ? model.index.get(decoded(name)) : undefined;
    if (index !== undefined) app.select(index, false);
  }

  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => known.forEach(render));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && app.selected !== null) app.select(null);
  });
  recall();
  follow();
  root.append(el("footer", { class: "foot", text: `callsheet ${data.callsheet} · written ${moment(data.at)}` }));
  return app;
}

// A part of an address, which somebody may have cut off.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// Dark, light, or what the machine says.
function turn() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem("callsheet-theme", next);
  } catch {
    // A page from a file may have no storage; the choice then holds until it is closed.
  }
}

function recall() {
  try {
    const theme = localStorage.getItem("callsheet-theme");
    if (theme) document.documentElement.dataset.theme = theme;
  } catch {
    // As above.
  }
}
