// What is in the way: what failed, what waits for a person, and what to do next.

import { el } from "./dom.js";
import { count } from "./format.js";
import { command, paged } from "./parts.js";

const WORDS = {
  approve: "waits for an approval", blocked: "could not begin", declined: "rejected", unknown: "outcome unknown", killed: "killed", run: "the run",
  bug: "a bug of callsheet", local: "on this machine", refused: "refused", unavailable: "not available", failed: "failed",
};

export const failures = {
  id: "failures",
  title: (model) => {
    const open = model.data.failures.filter((one) => !one.settled).length;
    return open ? `Failures ${count(open)}` : "Failures";
  },
  render,
};

function render(root, model, app) {
  const found = [...model.data.failures].sort((a, b) => Boolean(a.settled) - Boolean(b.settled));
  if (!found.length) root.append(el("p", { class: "empty", text: model.data.runs.length ? "Nothing failed in the last run, and nothing waits for you." : "Nothing is in the way." }));
  for (const note of model.data.notes) root.append(el("p", { class: "reason", text: note }));
  root.append(paged(found, (one) => failure(model, app, one)));
}

function failure(model, app, one) {
  const address = one.instance === null ? one.run ?? "" : model.instances[one.instance].address;
  const title = one.instance === null ? el("span", { text: address }) : el("button", { type: "button", class: "link", text: address, on: { click: () => app.select(one.instance) } });
  const waits = one.kind === "approve" || one.kind === "blocked" || one.kind === "declined";
  const name = one.settled ? "made" : waits ? "waiting" : "failed";
  return el("article", { class: `failure ${name}` },
    el("h2", {}, title, " ", el("span", { class: `kind ${name}`, text: one.settled ? `${WORDS[one.kind] ?? one.kind}, made since` : WORDS[one.kind] ?? one.kind })),
    el("p", { class: "message", text: one.message }),
    one.next && !one.settled ? el("p", { class: "hint" }, "Next: ", /^callsheet /.test(one.next) ? command(one.next) : one.next) : null);
}
