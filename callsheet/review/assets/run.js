// The run that goes on: each instance as it goes, the money, the time left, and the graph as it grows.
"use strict";

const MOST_ROWS = 200;
const STATES = { reuse: "reused", make: "to make", "may change": "may change", "re-attach": "to fetch", blocked: "blocked", declined: "declined", unknown: "unknown", skipped: "skipped" };

class RunPanel {
  constructor(app) {
    this.app = app;
    this.reset();
  }

  reset() {
    this.started = null;
    this.finished = null;
    this.cells = new Map(); // address → {node, state, text}
    this.total = 0;
    this.done = 0;
    this.spent = 0;
    this.left = 0; // USD that is expected still
  }

  get on() {
    return this.started !== null && this.finished === null;
  }

  // One event of a run, as docs/events.md has it.
  take(event) {
    const known = this[`on_${event.event}`];
    if (event.event !== "run_started" && event.run !== this.started?.run) return;
    if (known) known.call(this, event);
    this.later();
  }

  on_run_started(event) {
    this.reset();
    this.started = event;
    this.seconds = this.app.film?.plan.seconds || 0;
    this.add(event);
  }

  on_run_grew(event) {
    this.add(event);
  }

  add(event) {
    this.total = event.total;
    for (const one of event.instances || []) this.cells.set(one.address, { node: one.node, state: one.action === "reuse" ? "reused" : "", text: STATES[one.action] || one.action, usd: one.usd });
  }

  on_run_reused(event) {
    this.done += event.count;
    for (const [address] of Object.entries(event.files || {})) this.set(address, "reused", "reused");
  }

  on_node_started(event) {
    this.set(event.address, "work", "started");
  }

  on_node_progress(event) {
    this.set(event.address, "work", `${Math.round(event.fraction * 100)} %`);
  }

  on_node_waiting(event) {
    this.set(event.address, "work", `${event.state}${event.position ? ` ${event.position}` : ""}${event.trouble ? `: ${event.trouble}` : ""}`);
  }

  on_node_finished(event) {
    this.done += 1;
    this.spent += event.usd || 0;
    this.set(event.address, event.reused ? "reused" : "done", event.reused ? "reused" : `${event.seconds.toFixed(1)} s`);
  }

  on_node_failed(event) {
    this.done += 1;
    this.set(event.address, "failed", event.message);
    say(`${event.address}: ${event.message}`, event.next_step, true);
  }

  on_node_blocked(event) {
    this.set(event.address, "blocked", `needs ${event.cause}`);
  }

  on_node_gate(event) {
    this.set(event.address, "done", "waits for you");
  }

  on_node_interrupted(event) {
    this.set(event.address, "", "interrupted");
  }

  on_run_finished(event) {
    this.finished = event;
    this.spent = event.usd || this.spent;
    say(`run ${event.status}: ${event.made || 0} made, ${event.reused || 0} reused, ${money(event.usd || 0)}`, event.next_step || event.message, event.status === "failed");
    this.app.refresh();
  }

  // It ended without saying so.
  failed(event) {
    say(event.error, event.help, true);
    if (this.on) this.finished = { status: "failed" };
    this.later();
  }

  set(address, state, text) {
    const cell = this.cells.get(address) || { node: address.split("[")[0] };
    this.cells.set(address, { ...cell, state, text });
  }

  // Draws at most ten times a second; a page that is drawn slowly is drawn less often.
  later() {
    if (this.planned) return;
    this.planned = true;
    setTimeout(() => {
      this.planned = false;
      const began = performance.now();
      if (this.app.tab === "run" && !this.app.writing) this.app.show("run");
      this.app.head();
      this.took = performance.now() - began;
    }, Math.max(100, 10 * (this.took || 0)));
  }

  get share() {
    return this.total ? Math.min(1, this.done / this.total) : 0;
  }

  // Seconds that are left, as the plan guessed them, less the time that went by.
  get time() {
    if (!this.on) return "";
    const gone = Date.now() / 1000 - this.started.time;
    const left = this.share > 0.1 ? gone * (1 / this.share - 1) : Math.max(0, this.seconds - gone);
    return left < 90 ? `about ${Math.ceil(left)} s left` : `about ${Math.ceil(left / 60)} min left`;
  }

  render(place) {
    const { app } = this;
    const buttons = el("p", { className: "buttons" },
      el("button", { type: "button", className: "main", disabled: this.on, onclick: () => this.start() }, "Run…"),
      el("button", { type: "button", disabled: this.on, onclick: () => this.preview() }, "Preview (free)"),
      el("button", { type: "button", disabled: !this.on, onclick: () => app.act("stop", {}, "the run stops") }, "Stop"));
    if (!this.started) return fill(place, buttons, el("p", { className: "soft" }, "No run was started on this page yet."), this.lanes(this.planned_cells()));
    const head = this.on ? `${this.started.mode}: ${this.done} of ${this.total}` : `${this.started.mode} ${this.finished.status}`;
    const bar = el("progress", { max: 1, value: this.share, ariaLabel: "Progress" });
    return fill(place, buttons, el("p", { id: "run-head" }, [head, money(this.spent), this.time].filter(Boolean).join(", ")), bar, this.lanes(this.cells));
  }

  planned_cells() {
    return new Map(this.app.shots.all.map((shot) => [shot.address, { node: shot.node, state: shot.action === "reuse" ? "reused" : "", text: shot.action === "reuse" ? "made" : STATES[shot.action] || shot.action }]));
  }

  // Rows are the shots, columns the nodes in the order of the file.
  lanes(cells) {
    const nodes = [...new Set([...cells.values()].map((cell) => cell.node))];
    const rows = new Map();
    for (const [address, cell] of cells) {
      const key = address.slice(address.indexOf("[") < 0 ? address.length : address.indexOf("["));
      const row = rows.get(key) || new Map();
      rows.set(key, row.set(cell.node, { address, ...cell }));
    }
    const shown = [...rows].slice(0, MOST_ROWS);
    const cell = (row, node) => {
      const one = row.get(node);
      return el("td", one ? { className: one.state, title: `${one.address}: ${one.text}`, data: { address: one.address } } : {}, one ? short(one.text) : "");
    };
    return el("div", { className: "lanes", tabIndex: 0, role: "region", ariaLabel: "Graph" },
      el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "shot"), nodes.map((node) => el("th", { scope: "col" }, node)))),
        el("tbody", {}, shown.map(([key, row]) => el("tr", {}, el("th", { scope: "row" }, key.replace(/^\["?|"?\](?=#|$)/g, "") || "film"), nodes.map((node) => cell(row, node)))))),
      rows.size > MOST_ROWS ? el("p", {}, `and ${rows.size - MOST_ROWS} more shots`) : null);
  }

  async preview() {
    if (await this.app.act("preview", {}, "the preview goes on")) this.app.show("run");
  }

  // The price, the question, the run.
  async start(only = null) {
    const asked = only ? { only } : {};
    const found = await this.app.act("run", asked);
    if (!found) return;
    if (!found.count) return say("there is nothing to make");
    const lines = [`${found.count} to make or fetch: ${found.reaches.slice(0, 20).join(", ")}${found.count > 20 ? ", …" : ""}`];
    if (!(await ask({ title: `Run for ${found.price.text}?`, lines, yes: `Spend ${found.price.text}`, careful: true }))) return;
    const agreed = { usd: found.price.usd, unpriced: found.price.unpriced };
    if (await this.app.act("run", { ...asked, agreed }, "the run goes on")) this.app.show("run");
  }
}

function short(text) {
  return text.length > 18 ? `${text.slice(0, 17)}…` : text;
}
