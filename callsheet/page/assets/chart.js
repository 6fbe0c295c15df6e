// A run as a time chart: for each instance how long it waited, worked, and was fetched; above it what was paid.

import { el, svg } from "./dom.js";
import { money } from "./dollars.js";
import { length, moment, plural } from "./format.js";
import { badge, command, named, pairs } from "./parts.js";
import { virtual } from "./virtual.js";

const [ROW, STEPS, CURVE] = [26, 6, 64]; // pixels of a row, marks of the axis, pixels of the curve
const ENDS = { made: "made", failed: "failed", blocked: "waiting", interrupted: "waiting", reused: "made", "": "working" };
const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

export const chart = { id: "run", title: () => "Run", render };

function render(root, model, app) {
  const run = model.run;
  if (!run) {
    root.append(el("p", { class: "empty", text: "Nothing was bought yet, so there is no run to show. A preview is not recorded." }),
      model.film.next ? command(model.film.next) : "");
    return {};
  }
  const bars = (run.bars ?? []).filter((bar) => bar.outcome !== "reused");
  const reused = (run.bars ?? []).length - bars.length;
  const end = Math.max(run.seconds ?? 0, ...bars.map((bar) => bar.ended ?? bar.started ?? 0), 0.001);
  root.append(el("h2", { text: run.name }), pairs(about(run, bars, reused), "figures"));
  if (!bars.length) root.append(el("p", { class: "empty", text: "This run made nothing: everything was there." }));
  else {
    const list = virtual(root, {
      count: bars.length,
      label: `What the run did, ${plural(bars.length, "instance")}`,
      draw: (i) => row(model, app, bars[i], end, run.seconds === null),
      size: () => ({ height: ROW, columns: 1 }),
    });
    root.append(legend(), el("div", { class: "chart" }, curve(run, end), axis(end), list.box));
    root.append(others(model));
    return { show: list.draw };
  }
  root.append(others(model));
  return {};
}

function about(run, bars, reused) {
  const work = bars.reduce((sum, bar) => sum + ((bar.ended ?? bar.started ?? 0) - (bar.started ?? 0)), 0);
  return [
    ["Began", moment(run.started)],
    ["Ended", ended(run)],
    ["Took", run.seconds === null || run.seconds === undefined ? "goes on" : length(run.seconds)],
    ["Work, added up", length(work)],
    ["Calls", String(run.calls)],
    ["Paid", money(run.usd) + (run.unpriced ? ` and ${run.unpriced} without a price` : "")],
    ...(run.budget ? [["Budget", money(run.budget)]] : []),
    ...(reused ? [["Reused", String(reused)]] : []),
  ];
}

function legend() {
  return el("ul", { class: "legend" }, [["wait", "could begin, and waited"], ["send", "asked"], ["work", "worked"], ["fetch", "fetched"]]
    .map(([name, text]) => el("li", {}, el("span", { class: `swatch ${name}`, "aria-hidden": "true" }), text)));
}

function row(model, app, bar, end, running) {
  const one = model.instances[bar.instance];
  const from = bar.started ?? bar.ready;
  const to = bar.ended ?? (running ? end : from);
  const sent = Math.min(bar.sent ?? from, to);
  const fetched = Math.min(bar.fetched ?? to, to);
  const local = bar.sent === undefined;
  const parts = [["wait", bar.ready, from], ["send", from, local ? from : sent], ["work", local ? from : sent, local ? to : fetched], ["fetch", local ? to : fetched, to]];
  const told = `waited ${length(from - bar.ready)}, worked ${length(to - from)}${bar.usd ? `, ${money(bar.usd)}` : ""}${bar.attempts ? `, ${bar.attempts} attempts` : ""}`;
  return el("div", { class: "row", role: "listitem" }, el("button", {
    type: "button", class: "rowface", "aria-label": `${one.address}: ${bar.outcome || "goes on"}, ${told}`, title: told, on: { click: () => app.select(bar.instance) },
  }, el("span", { class: "rowname" }, badge(ENDS[bar.outcome] ?? "made", true), named(model, bar.instance)),
  el("span", { class: "lanebar" }, parts.filter(([, a, b]) => b - a > 0).map(([name, a, b]) => el("span", {
    class: `part ${name} ${bar.outcome}`, style: { left: `${(a / end) * 100}%`, width: `max(2px, ${((b - a) / end) * 100}%)` },
  }))), el("span", { class: "usd", text: bar.usd === null ? "no price" : bar.usd ? money(bar.usd) : "" })));
}

function axis(end) {
  const step = TICKS.find((tick) => end / tick <= STEPS) ?? Math.ceil(end / STEPS);
  const marks = [];
  for (let at = 0; at <= end; at += step) marks.push(el("span", { style: { left: `${(at / end) * 100}%` }, text: at ? length(at) : "0" }));
  return el("div", { class: "axis", "aria-hidden": "true" }, el("div", { class: "marks" }, marks));
}

// What was paid by then, as steps.
function curve(run, end) {
  const paid = run.paid ?? [];
  const most = paid.at(-1)?.[1] ?? 0;
  if (!most) return null;
  let before = 0;
  let d = `M0 ${CURVE}`;
  for (const [at, usd] of paid) {
    const x = (at / end) * 1000;
    d += ` H${x.toFixed(1)} V${(CURVE - (usd / most) * (CURVE - 4)).toFixed(1)}`;
    before = usd;
  }
  d += ` H1000 V${CURVE} Z`;
  return el("div", { class: "curve", role: "img", "aria-label": `Paid: ${money(before)} in the end` },
    svg("svg", { viewBox: `0 0 1000 ${CURVE}`, preserveAspectRatio: "none", height: CURVE }, svg("path", { d })), el("span", { class: "usd", text: `${money(most)} paid` }));
}

function ended(run) {
  return run.finished_by ? `${run.status}, finished by ${run.finished_by}` : run.status;
}

function others(model) {
  if (model.data.runs.length < 2) return el("div", {});
  return el("section", { class: "others" }, el("h3", { text: "All runs of this film" }), el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "All runs" },
    table(["Run", "Began", "Ended", "Took", "Calls", "Paid"], model.data.runs.slice(0, 200).map((run) => [
      run.name, moment(run.started), ended(run), run.seconds === undefined || run.seconds === null ? "" : length(run.seconds), String(run.calls), money(run.usd)]))));
}

function table(names, rows) {
  return el("table", {}, el("thead", {}, el("tr", {}, names.map((text) => el("th", { scope: "col", text })))),
    el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((text) => el("td", { text }))))));
}
