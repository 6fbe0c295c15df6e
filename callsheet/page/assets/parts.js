// Small parts that several views show.

import { el } from "./dom.js";
import { money } from "./dollars.js";
import { count, span } from "./format.js";
import { poster } from "./media.js";
import { STATES } from "./model.js";

// `● made`, in the colour of the state. short: the mark alone, with its words for who cannot see it.
export function badge(state, short = false) {
  const { mark, text } = STATES[state];
  return el("span", { class: `badge ${state}`, title: short ? text : null },
    el("span", { class: "mark", "aria-hidden": "true", text: mark }), el("span", { class: short ? "unseen" : "", text }));
}

// A small picture of a medium that leads to the instance at `index`.
export function thumb(model, app, index, id, label, chosen = false) {
  return el("button", {
    type: "button", class: "thumb", title: label, "aria-label": label, "aria-current": chosen ? "true" : null,
    on: { click: (event) => { event.stopPropagation(); app.select(index); } },
  }, poster(model.data.media[id], ""));
}

// What tells an instance from the others of a list, first: its shot, then its node.
export function named(model, index) {
  const one = model.instances[index];
  return el("span", { title: one.address }, one.shot ? [el("b", { text: one.shot }), ` ${one.node}`] : one.node, one.take ? ` #${one.take}` : "");
}

// What an instance costs: paid, or expected.
export function price(model, index) {
  const one = model.instances[index];
  if (one.bought) return money(one.bought.usd);
  if (one.provider === "local") return "";
  if (one.action === "reuse") return "reused";
  if (one.action === "blocked" || one.action === "skipped") return "";
  return one.usd === null ? "no price" : money(one.usd);
}

// The figures of a film, as [label, value] pairs.
export function figures(model) {
  const { todo, spent, failures } = model.data;
  const made = model.count("made");
  const open = failures.filter((one) => !one.settled).length;
  const saved = model.instances.reduce((sum, one) => sum + (one.action === "reuse" ? one.bought?.usd ?? 0 : 0), 0);
  return [
    ["Made", `${count(made)} of ${count(model.instances.length)}`],
    ["Spent", money(spent)],
    ["To pay", todo.count ? span(todo.low, todo.high) + (todo.unpriced ? ` + ${todo.unpriced} without a price` : "") : "nothing"],
    ...(saved ? [["Reused", `worth ${money(saved)}`]] : []),
    ...(open ? [["In the way", count(open)]] : []),
  ];
}

// Pairs of terms and what they say.
export function pairs(found, name = "facts") {
  return el("dl", { class: name }, found.map(([term, value]) => el("div", {}, el("dt", { text: term }), el("dd", {}, value))));
}

// A command that can be copied.
export function command(text) {
  const code = el("code", { text });
  const button = el("button", {
    type: "button", class: "quiet", text: "Copy",
    on: {
      click: async () => {
        await navigator.clipboard?.writeText(text);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      },
    },
  });
  return el("span", { class: "command" }, code, button);
}

// The first `most` of a list, and a button for more.
export function paged(items, draw, most = 100) {
  const list = el("div", { class: "paged" });
  const more = el("button", { type: "button", class: "more", on: { click: add } });
  let shown = 0;
  function add() {
    list.append(...items.slice(shown, shown + most).map(draw));
    shown = Math.min(items.length, shown + most);
    more.hidden = shown >= items.length;
    more.textContent = `Show more (${count(items.length - shown)} left)`;
  }
  add();
  return el("div", {}, list, more);
}
