// What a run would do now: what is reused, what is made again, and why.

import { choice, clear, el } from "./dom.js";
import { money } from "./dollars.js";
import { count, moment, plural } from "./format.js";
import { badge, command, named, pairs, price } from "./parts.js";
import { virtual } from "./virtual.js";

const ROW = 34; // pixels
const WHY = "nothing that it is made from has changed";
const ALTERNATIVE = "only an alternative needs it";

export const reuse = { id: "reuse", title: () => "Reuse", render };

function render(root, model, app) {
  const reused = [];
  const others = [];
  for (const [i, one] of model.instances.entries()) (one.action === "reuse" ? reused : others).push(i);
  const saved = reused.reduce((total, i) => total + (model.instances[i].bought?.usd ?? 0), 0);
  root.append(el("p", { class: "lead", text: reused.length
    ? `A run now reuses ${plural(reused.length, "result")} of ${count(model.instances.length)}${saved ? `, which cost ${money(saved)}` : ""}.`
    : "Nothing is made yet that a run could reuse." }));
  if (model.film.next) root.append(el("p", { class: "hint" }, "Next: ", command(model.film.next)));
  root.append(pairs(reasons(model), "reasons"));
  const place = el("div", {});
  let list = null;
  const start = others.length ? "others" : "reused";
  root.append(choice("Show", [["others", `to make (${count(others.length)})`], ["reused", `reused (${count(reused.length)})`]], start, show), place);
  show(start);

  function show(which) {
    const shown = which === "reused" ? reused : others;
    list = virtual(root, {
      count: shown.length,
      label: which === "reused" ? "Reused" : "To make",
      draw: (i) => line(model, app, shown[i]),
      size: () => ({ height: ROW, columns: 1 }),
    });
    clear(place).append(list.box);
    list.draw();
  }

  return { show: () => list.draw() };
}

// Why, and how often, the most frequent first.
function reasons(model) {
  const found = new Map();
  for (const one of model.instances) {
    const text = `${one.action === "reuse" ? "reused" : one.action}: ${why(one)}`;
    found.set(text, (found.get(text) ?? 0) + 1);
  }
  return [...found].sort((a, b) => b[1] - a[1]).slice(0, 8).map(([text, number]) => [count(number), text]);
}

function why(one) {
  return one.reason || (one.action === "skipped" ? ALTERNATIVE : WHY);
}

function line(model, app, index) {
  const one = model.instances[index];
  const from = one.bought ? `${one.bought.run}, ${moment(one.bought.at)}` : "";
  return el("div", { class: "row", role: "listitem" }, el("button", { type: "button", class: "reuserow", on: { click: () => app.select(index) } },
    el("span", { class: "rowname" }, badge(model.state(index), true), named(model, index)),
    el("span", { class: "why", title: why(one), text: why(one) }), el("span", { class: "from", text: from }), el("span", { class: "usd", text: price(model, index) })));
}
