// The page: holds its parts together, and the keys.
"use strict";

const KEYS = [
  ["Space, K", "play, pause"], ["J, L", "backward, forward; again: faster"], ["←, →", "one frame back, forward"],
  ["Shift ←, →", "ten frames"], ["Home, End", "first, last frame"], ["I, O, Escape", "in point, out point, clear"],
  ["N", "note at the frame, or on the range between in and out"], ["[, ]", "previous, next shot"], ["F", "the film"],
  ["1 to 9", "pick a take"], ["C, W", "takes side by side, wipe; again: the next take"],
  ["A, X", "approve, reject"], ["R", "another take, after its price"], ["E", "edit the text"], ["?", "this help"],
];

const BUYING = ["another take, after its price", "edit the text"]; // what a page without a server cannot do

class App {
  constructor(backend) {
    this.backend = backend;
    this.film = null;
    this.tab = "notes";
    this.writing = false;
    this.keys = true;
    this.notes = new NotesPanel(this);
    this.viewer = new Viewer(byId("viewer"), (digest) => backend.media(digest), () => this.changed());
    this.takes = new TakesPanel(this);
    this.shots = new Shots(this, byId("shots"));
    this.run = new RunPanel(this);
    this.tabs();
    document.addEventListener("keydown", (event) => this.key(event));
  }

  async start() {
    await this.refresh();
    this.show("notes");
    this.backend.listen?.(this);
  }

  tabs() {
    const names = { notes: "Notes", takes: "Shot and takes", ...(this.backend.buys ? { run: "Run" } : {}) };
    fill(byId("tabs"), Object.entries(names).map(([name, label]) =>
      el("button", { type: "button", role: "tab", id: `tab-${name}`, onclick: () => { this.writing = false; this.show(name); } }, label)));
    for (const tab of byId("tabs").children) tab.setAttribute("aria-controls", "panel");
    fill(byId("acts"), this.backend.actions?.(this) ?? null, el("button", { type: "button", onclick: () => this.help() }, "Keys (?)"));
  }

  show(name) {
    this.tab = name;
    for (const tab of byId("tabs").children) tab.setAttribute("aria-selected", String(tab.id === `tab-${name}`));
    byId("panel").setAttribute("aria-labelledby", `tab-${name}`);
    this.writing = false;
    this[name].render(byId("panel"));
  }

  // Reads everything again; what a person writes stays.
  refresh() {
    this.reading = (this.reading || Promise.resolve()).then(() => this.read());
    return this.reading;
  }

  // Reads again soon. What takes long to read is read less often, and a run is not held up by it.
  later() {
    if (this.waiting) return;
    this.waiting = setTimeout(() => {
      this.waiting = null;
      this.refresh();
    }, Math.max(this.run.on ? 3000 : 100, 10 * (this.took || 0)));
  }

  async read() {
    const began = performance.now();
    try {
      const [film, notes] = await Promise.all([this.backend.film(), this.backend.notes()]);
      this.film = film;
      Object.assign(this.notes, notes);
      this.viewer.marks = this.notes.notes;
      const { selected } = this.shots;
      this.shots.set(film.shots);
      if (selected && !this.shots.selected) this.gone(selected);
      this.viewer.paintMarks();
      if (!this.writing) this.show(this.tab);
      this.appear();
      this.head();
      if (this.unreadable) say("the film can be read again");
      this.unreadable = false;
    } catch (error) {
      this.unreadable = true;
      say(error.message, error.help, true);
    }
    this.took = performance.now() - began;
  }

  // Shows what there is to see, where nothing was: the film, else its first shot, else what was waited for.
  appear() {
    const { item } = this.viewer;
    if (item?.digest) return;
    const { here } = this.shots;
    if ((!item || this.waits) && this.showReel()) this.waits = false;
    else if (!item) {
      this.shots.move(1);
      this.waits = true;
    } else if (here?.takes.some((take) => this.takes.item(here, take))) this.select(here.address);
  }

  // The shot that was looked at is not in the film any more; what a person writes about it stays.
  gone(address) {
    if (!this.writing) this.showReel();
    say(`the film has no ${address} any more`, "", true);
  }

  head() {
    if (!this.film) return;
    document.title = `${this.film.name}: review`;
    byId("name").textContent = this.film.name;
    const { price, counts } = this.film.plan;
    const todo = Object.entries(counts).filter(([action]) => action !== "reuse").map(([action, count]) => `${count} ${STATES[action] || action}`);
    const run = this.run.on ? `${this.run.started.mode}: ${this.run.done} of ${this.run.total}, ${money(this.run.spent)}, ${this.run.time}` : "";
    byId("plan").textContent = run || (!this.backend.buys ? "" : todo.length ? `${todo.join(", ")}: ${price.text}` : "all is made");
    byId("tab-notes").textContent = this.notes.open ? `Notes (${this.notes.open} open)` : "Notes";
  }

  connected(yes) {
    if (!yes) say("the server does not answer", "nothing is lost; start callsheet review again, or wait", true);
    else if (this.lost) {
      say("connected again");
      this.refresh();
    }
    this.lost = !yes;
  }

  changed() {
    if (!this.writing && this.film && this.tab !== "run") this.show(this.tab);
  }

  // The film, as it is made; else its preview.
  showReel() {
    const reel = this.film?.reels.find((one) => !one.preview) || this.film?.reels[0];
    if (!reel) return false;
    const frames = Math.round((reel.seconds || 0) * (reel.fps || 24));
    this.viewer.show({ ...reel, title: reel.preview ? `${reel.name} (preview)` : reel.name, reel: true, frames });
    return true;
  }

  select(address, take = null, digest = "") {
    this.waits &&= !this.viewer.item; // a person looks at this shot, and not at the first that there was
    this.shots.selected = address;
    this.takes.pair = null;
    const { here } = this.shots;
    if (!here) return say(`the film has no ${address} any more`, "", true);
    const wanted = here.takes.find((one) => one.media.some((m) => digest && m.digest === digest)) || here.takes.find((one) => (take ? one.number === take : one.picked)) || here.takes[0];
    const item = this.takes.item(here, wanted);
    this.writing = false;
    this.tab = this.tab === "run" ? "takes" : this.tab;
    this.viewer.show(item ? { ...item, title: `${item.title}${here.takes.length > 1 ? `, take ${wanted.number}` : ""}` } : { title: address, address, kind: "", frames: 1, shots: [], why: "it is not made yet" });
    this.shots.render();
    return undefined;
  }

  // Does something, and says what came of it. Returns the answer, or null.
  async act(name, asked, done = "") {
    try {
      const answer = await this.backend.act(name, asked);
      if (done) say(done);
      if (!["retake", "run", "price", "text"].includes(name) || asked.agreed) await this.refresh();
      return answer;
    } catch (error) {
      say(error.message, error.help, true);
      return null;
    }
  }

  key(event) {
    const typing = event.target.closest("input:not([type=range]):not([type=checkbox]), textarea, select, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !this.keys) return;
    const { viewer, takes } = this;
    const { player } = viewer;
    const by = event.shiftKey ? 10 : 1;
    const acts = {
      " ": () => player?.toggle(), k: () => player?.pause(), j: () => player?.shuttle(-1), l: () => player?.shuttle(1),
      ArrowLeft: () => player?.step(-by), ArrowRight: () => player?.step(by), Home: () => player?.step(-1e9), End: () => player?.step(1e9),
      i: () => viewer.mark("in"), o: () => viewer.mark("out"), Escape: () => viewer.unmark(), n: () => this.notes.write(),
      "[": () => this.shots.move(-1), "]": () => this.shots.move(1), f: () => this.showReel(),
      c: () => takes.compare(false), w: () => takes.compare(true), a: () => takes.approve(), x: () => takes.reject(),
      r: () => this.backend.buys && this.shots.here && this.shots.retake([this.shots.selected]), e: () => takes.edit(), "?": () => this.help(),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key] || (/^[1-9]$/.test(event.key) && (() => takes.pick(Number(event.key))));
    if (!act || (event.key === " " && event.target.closest("button"))) return;
    event.preventDefault();
    act();
  }

  async help() {
    const shown = KEYS.filter(([, means]) => this.backend.buys || !BUYING.includes(means));
    const list = el("dl", { className: "keys" }, shown.map(([keys, means]) => [el("dt", {}, keys.split(", ").map((key) => [el("kbd", {}, key), " "])), el("dd", {}, means)]));
    const said = await ask({ title: "Keys", lines: [list], yes: this.keys ? "Turn keys off" : "Turn keys on", no: "Close", careful: true });
    if (said) this.keys = !this.keys;
  }
}

const app = new App(typeof OfflineBackend === "undefined" ? new LiveBackend() : new OfflineBackend());
app.start();
