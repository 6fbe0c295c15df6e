// The panel about one instance: what it is, how it was made, from what, for how much, and why it is as it is.

import { clear, el } from "./dom.js";
import { money } from "./dollars.js";
import { moment, plural } from "./format.js";
import { facts, player } from "./media.js";
import { badge, pairs, thumb } from "./parts.js";

const MOST = 24; // neighbours that are listed
const SAID = { takes: "asked for takes:", pick: "picked take", approve: "approved", reject: "rejected" };

// The panel of an app. Returns { root, show(index, focus) }; index null closes it.
export function inspector(app) {
  const body = el("div", { class: "inside" });
  const root = el("aside", { class: "inspector", "aria-label": "About one instance", hidden: true },
    el("button", { type: "button", class: "quiet close", "aria-label": "Close", text: "✕", on: { click: () => app.select(null) } }), body);
  let before = null;

  function show(index, focus) {
    if (index === null) {
      root.hidden = true;
      if (before?.isConnected) before.focus();
      before = null;
      return;
    }
    if (root.hidden) before = document.activeElement;
    root.hidden = false;
    clear(body).append(...about(app.model, app, index));
    body.scrollTop = 0;
    if (focus) body.querySelector("h2").focus();
  }

  return { root, show };
}

function about(model, app, index) {
  const one = model.instances[index];
  const found = model.picture(index);
  const words = model.prompt(index);
  return [
    el("h2", { tabindex: "-1", text: one.address }),
    el("p", { class: "making" }, badge(model.state(index)), el("span", { class: "uses", text: one.uses })),
    one.reason ? el("p", { class: "reason", text: one.reason }) : null,
    model.live.get(index)?.told ? el("p", { class: "reason", text: model.live.get(index).told }) : null,
    found ? el("figure", { class: "large" }, player(found[1], one.address), el("figcaption", { text: facts(found[1]) + (found[1].preview ? ", a stand-in: no model was asked" : "") })) : null,
    ...app.panels.map((panel) => panel(index, model, app)),
    takes(model, app, index),
    words ? el("blockquote", { text: words }) : null,
    references(model, app, index),
    texts(one),
    parameters(model, app, one),
    el("section", {}, el("h3", { text: "How it was made" }), pairs(making(model, one))),
    decisions(one),
    neighbours(model, app, "Made from", one.needs ?? []),
    neighbours(model, app, "Used by", model.users[index]),
  ].filter(Boolean);
}

function takes(model, app, index) {
  const all = model.takes(index);
  if (all.length < 2) return null;
  return el("section", {}, el("h3", { text: plural(all.length, "take") }), el("div", { class: "strip" }, all.map((i) => {
    const { take = 1, seed, picked } = model.instances[i];
    const label = `Take ${take}${seed === undefined ? "" : `, seed ${seed}`}${picked === false ? "" : ", picked"}`;
    return el("figure", {}, thumb(model, app, i, model.picture(i)?.[0], label, i === index), el("figcaption", { text: `${take}${picked === false ? "" : " ✓"}` }));
  })));
}

function references(model, app, index) {
  const found = model.references(index);
  if (!found.length) return null;
  return el("section", {}, el("h3", { text: "References" }), el("div", { class: "strip" }, found.slice(0, MOST).map(([name, source, id]) =>
    el("figure", {}, thumb(model, app, source ?? index, id, source === null ? model.data.media[id].name : model.instances[source].address), el("figcaption", { text: name })))));
}

function texts(one) {
  const found = Object.entries(one.texts ?? {}).filter(([name]) => name !== "seed");
  return found.length ? el("section", {}, el("h3", { text: "What came back" }), found.map(([name, text]) => el("div", {}, el("h4", { text: name }), el("pre", { text })))) : null;
}

function parameters(model, app, one) {
  const found = (one.parameters ?? []).filter((part) => part.name !== one.prompt);
  if (!found.length) return null;
  return el("section", {}, el("h3", { text: "Parameters" }), pairs(found.map((part) => [part.name, [
    part.value ?? "", ...(part.media ?? []).map((id) => el("span", { text: model.data.media[id].name })),
    ...(part.sources ?? []).slice(0, MOST).map((i) => link(model, app, i)),
    (part.sources ?? []).length > MOST ? ` and ${part.sources.length - MOST} more` : null,
  ]])));
}

function making(model, one) {
  const { bought } = one;
  return [
    ["by", one.provider === "local" ? `${one.uses}, on this machine` : `${one.uses}, at ${one.provider}`],
    ...(one.key ? [["key", one.key]] : []),
    ...(bought ? [["bought", `${moment(bought.at)} in ${bought.run}`], ["cost", money(bought.usd)]] : []),
    ...(bought?.request ? [["request", bought.request]] : []),
    ...(!bought && one.usd !== 0 ? [["price", money(one.usd) + (one.most ? `, ${money(one.most)} if every attempt is paid` : "")]] : []),
    ["a run would", { reuse: "reuse it", make: "make it", "re-attach": "fetch it", skipped: "leave it out" }[one.action] ?? one.action],
  ];
}

function decisions(one) {
  if (!one.decisions?.length) return null;
  return el("section", {}, el("h3", { text: "Decisions" }), el("ul", {}, one.decisions.map((said) => el("li", {
    text: [`${said.by || "somebody"} ${SAID[said.kind] ?? said.kind}${said.number ? ` ${said.number}` : ""}`, said.at, said.note].filter(Boolean).join(", "),
  }))));
}

function neighbours(model, app, title, indices) {
  if (!indices.length) return null;
  return el("section", {}, el("h3", { text: title }), el("ul", { class: "links" }, indices.slice(0, MOST).map((i) => el("li", {}, link(model, app, i)))),
    indices.length > MOST ? el("p", { class: "told", text: `and ${plural(indices.length - MOST, "more", "more")}` }) : null);
}

function link(model, app, index) {
  return el("button", { type: "button", class: "link", text: model.instances[index].address, on: { click: () => app.select(index) } });
}
