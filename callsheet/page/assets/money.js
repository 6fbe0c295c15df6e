// What the film cost: estimate against bill, by shot, model and run.

import { choice, clear, el, restyle } from "./dom.js";
import { money as usd } from "./dollars.js";
import { count, model as modelName, plural, span } from "./format.js";
import { pairs } from "./parts.js";
import { virtual } from "./virtual.js";

const WAYS = [["shot", "shot"], ["uses", "model"], ["run", "run"], ["each", "shot × model × run"]];
const ROW = 34; // pixels

export const money = { id: "money", title: () => "Money", render };

function render(root, model) {
  const rows = model.data.money;
  const { todo } = model.data;
  const total = sum("total", rows);
  root.append(pairs([
    ["Spent", usd(total.usd) + (total.unpriced ? ` + ${plural(total.unpriced, "call")} without a price` : "")],
    ["Estimated for it", usd(total.expected)],
    ["Billed", total.billed === null ? "no bill yet" : usd(total.billed)],
    ["Still to pay", todo.count ? span(todo.low, todo.high) : "nothing"],
    ...(todo.worst > todo.high ? [["If every attempt is paid", usd(todo.worst)]] : []),
  ], "figures"));
  if (!rows.length) {
    root.append(el("p", { class: "empty", text: "Nothing was bought yet." }));
    return {};
  }
  const place = el("div", { class: "ledger" });
  let list = null;
  root.append(choice("Added up by", WAYS, "shot", show), place);
  show("shot");

  function show(way) {
    const found = way === "each" ? rows.map((row) => ({ ...row, name: `${row.shot} · ${modelName(row.uses)} · ${row.run}` })) : grouped(rows, way);
    found.sort((a, b) => b.usd - a.usd);
    const most = Math.max(...found.map((row) => Math.max(row.usd, row.expected)), 1e-9);
    list = virtual(root, {
      count: found.length,
      label: WAYS.find(([name]) => name === way)[1],
      draw: (i) => line(found[i], most),
      size: () => ({ height: ROW, columns: 1 }),
    });
    clear(place).append(el("div", { class: "moneyrow moneyhead", "aria-hidden": "true" }, ["", "estimate | bill", "Calls", "Estimate", "Bill", "Cost"].map((text) => el("span", { text }))), list.box);
    list.draw();
  }

  return { show: () => list.draw() };
}

function grouped(rows, way) {
  const groups = new Map();
  for (const row of rows) {
    const name = way === "uses" ? modelName(row.uses) : row[way];
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(row);
  }
  return [...groups].map(([name, own]) => sum(name, own));
}

function sum(name, rows) {
  const add = (field) => rows.reduce((found, row) => found + (row[field] ?? 0), 0);
  return {
    name, calls: add("calls"), usd: add("usd"), expected: add("expected"), unpriced: add("unpriced"),
    billed: rows.some((row) => row.billed !== null) ? add("billed") : null,
  };
}

function line(row, most) {
  const bar = el("span", { class: "pay", "aria-hidden": "true" }, el("span", { class: "expected" }), el("span", { class: "billed" }));
  restyle(bar.firstChild, { width: `${(row.expected / most) * 100}%` });
  restyle(bar.lastChild, { width: `${((row.billed ?? 0) / most) * 100}%` });
  const bill = row.billed === null ? "no bill yet" : usd(row.billed);
  const cells = [["Calls", count(row.calls)], ["Estimate", usd(row.expected)], ["Bill", bill], ["Cost", usd(row.usd) + (row.unpriced ? " +" : "")]];
  return el("div", { class: "moneyrow", role: "listitem" }, el("span", { class: "moneyname", title: row.name, text: row.name }), bar,
    cells.map(([name, text]) => el("span", { class: "usd" }, el("span", { class: "unseen", text: `${name} ` }), text)));
}
