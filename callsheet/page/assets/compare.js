// Two runs or two revisions side by side: what differs, in words and in pictures.

import { el } from "./dom.js";
import { money } from "./dollars.js";
import { length, model as modelName, plural } from "./format.js";
import { player } from "./media.js";
import { paged, pairs } from "./parts.js";

const MARKS = { added: "+", removed: "−", changed: "~", affected: "∗", renamed: ">" };

export const compare = {
  id: "compare",
  title: (model) => `Against ${model.data.comparison.old}`,
  hidden: (model) => !model.data.comparison,
  render,
};

function render(root, model, app) {
  const found = model.data.comparison;
  const { old, new: now, usd, seconds, changes } = found;
  root.append(el("h2", { text: `${old} and ${now}` }), pairs([
    [`${found.kind === "runs" ? "Spent by" : "Whole film in"} ${old}`, money(usd[0])],
    [`${found.kind === "runs" ? "Spent by" : "Whole film in"} ${now}`, money(usd[1])],
    ["Differ", String(changes.length)],
    ["Same", String(found.same)],
    ...(seconds[0] !== null && seconds[1] !== null ? [["Length", `${length(seconds[0])} → ${length(seconds[1])}`]] : []),
  ], "figures"));
  for (const text of found.settings) root.append(el("p", { class: "reason", text }));
  if (!changes.length) root.append(el("p", { class: "empty", text: "Nothing differs." }));
  else root.append(paged(changes, (change) => pair(model, app, change, old, now), 30));
}

function pair(model, app, change, old, now) {
  const { instance } = change;
  const title = instance === undefined ? el("span", { text: change.address }) : el("button", { type: "button", class: "link", text: change.address, on: { click: () => app.select(instance) } });
  const cost = change.usd.map((usd) => (usd === null ? "" : money(usd))).filter(Boolean).join(" → ");
  return el("article", { class: "pair" },
    el("h3", {}, el("span", { class: "number", "aria-hidden": "true", text: `${MARKS[change.what] ?? "~"} ` }), title, " ", el("span", { class: "uses", text: `${change.what}, ${modelName(change.uses)}` }), " ", el("span", { class: "usd", text: cost })),
    change.words ? null : el("p", { class: "reason", text: change.reason }),
    change.words ? el("div", { class: "texts" }, change.words.map(([name, before, after]) => el("div", { class: "two" },
      el("p", { class: "was" }, el("span", { class: "unseen", text: "before: " }), el("b", { text: `${name} ` }), before), el("p", { class: "is" }, el("span", { class: "unseen", text: "now: " }), el("b", { text: `${name} ` }), after)))) : null,
    change.old || change.new ? el("div", { class: "two" }, side(model, change.old, old), side(model, change.new, now)) : null);
}

function side(model, ids, name) {
  const found = (ids ?? []).map((id) => model.data.media[id]).filter(Boolean);
  return el("figure", {}, found.length ? found.slice(0, 4).map((medium) => player(medium, name)) : el("p", { class: "blank", text: "not here" }),
    el("figcaption", { text: found.length > 4 ? `${name}, ${plural(found.length, "file")}` : name }));
}
