// A page without a server: what a person says stays in this browser, and is saved as a file of answers.
"use strict";

class OfflineBackend {
  constructor() {
    this.buys = false;
    this.data = JSON.parse(byId("film").textContent);
    this.key = `callsheet-answers-${this.data.export}`;
    this.urls = new Map();
    this.answers = this.stored() || [];
    addEventListener("beforeunload", (event) => this.unsaved && event.preventDefault());
  }

  // Some browsers give a page from a disk no memory: it then lasts as long as the page is open.
  stored() {
    try {
      const found = JSON.parse(localStorage.getItem(this.key));
      return Array.isArray(found) ? found : null;
    } catch {
      return null;
    }
  }

  keep() {
    this.unsaved = true;
    try {
      localStorage.setItem(this.key, JSON.stringify(this.answers));
    } catch {
      say("this browser keeps nothing", "save the answers before you close the page");
    }
  }

  actions() {
    return el("button", { type: "button", className: "main", onclick: () => this.save() }, "Save answers");
  }

  // A file inside the page becomes an address once; one beside it has one.
  media(digest) {
    const beside = this.data.media[digest];
    if (beside?.path) return beside.path;
    if (!this.urls.has(digest)) {
      const text = byId(`part-${digest}`)?.textContent || "";
      const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      this.urls.set(digest, URL.createObjectURL(new Blob([bytes], { type: beside?.type || "" })));
    }
    return this.urls.get(digest);
  }

  // One picture of a video; "" where the page has none.
  still(digest) {
    const name = `${digest}-still`;
    return this.data.media[name] ? this.media(name) : "";
  }

  // The film as it was when the page was written, with the answers laid over it.
  async film() {
    const film = structuredClone(this.data.film);
    for (const shot of film.shots) {
      const said = this.about(shot.address);
      for (const take of shot.takes) take.picked = said.pick ? said.pick.take === take.number : take.picked;
      const counting = shot.takes.find((take) => take.picked) || shot.takes[0];
      if (shot.gate) shot.gate = said.approve?.digest === counting.digest ? "open" : said.approve || shot.gate !== "open" || counting.digest !== this.original(shot.address)?.digest ? "closed" : "open";
      shot.settled = shot.gate === "open" && !said.approve; // approved before the page was written
      for (const take of shot.takes) if (said.reject?.take === take.number) take.rejected = `rejected: ${said.reject.why}`;
    }
    return film;
  }

  original(address) {
    return this.data.film.shots.find((shot) => shot.address === address)?.takes.find((take) => take.picked);
  }

  about(address) {
    return Object.fromEntries(this.answers.filter((answer) => answer.shot === address && answer.do !== "note").map((answer) => [answer.do, answer]));
  }

  async notes() {
    const notes = this.answers.filter((answer) => answer.do === "note");
    return { notes: notes.map((note) => ({ status: "open", replies: [], ...note, author: "you" })), problems: [] };
  }

  async act(name, asked) {
    const at = new Date().toISOString().slice(0, 19) + "Z";
    if (name === "note") {
      const { id, text, base, take, digest, frame, frames, drawing } = asked;
      this.answers.push({ do: "note", id, text, shot: base || "", take, digest, frame, frames, drawing, at });
    } else if (name === "reply" || name === "close" || name === "reopen") {
      const note = this.answers.find((answer) => answer.id === asked.id);
      if (name === "reply") note.replies = [...(note.replies || []), { author: "you", text: asked.text, at }];
      else note.status = name === "close" ? "done" : "open";
    } else {
      const address = asked.address || asked.addresses[0];
      const shot = this.data.film.shots.find((one) => one.address === address || one.takes.some((take) => take.address === address));
      const take = name === "pick" ? shot.takes.find((one) => one.number === asked.number) : shot.takes.find((one) => one.address === address) || shot.takes[0];
      const against = { approve: "reject", reject: "approve" }[name];
      this.answers = this.answers.filter((answer) => answer.shot !== shot.address || (answer.do !== name && (answer.do !== against || answer.take !== take.number)));
      if (!asked.undo) this.answers.push({ do: name, shot: shot.address, take: take.number, digest: take.digest, why: asked.why || asked.note || "", at });
    }
    this.keep();
    return {};
  }

  async save() {
    if (!this.answers.length) return say("nothing is said yet", "write a note (N), or pick a take");
    const said = await ask({ title: "Save answers", lines: [`${this.answers.length} answers become a file. Send it to who sent you this page.`], fields: [{ name: "by", label: "Your name" }], yes: "Save" });
    if (!said) return;
    const { export: of, made } = this.data;
    const file = { callsheet_answers: 1, film: this.data.film.name, export: of, made, by: said.by, at: new Date().toISOString().slice(0, 19) + "Z", answers: this.answers };
    const link = el("a", { href: URL.createObjectURL(new Blob([JSON.stringify(file, null, 1)], { type: "application/json" })), download: `${this.data.film.name}-answers.json` });
    document.body.append(link);
    link.click();
    link.remove();
    this.unsaved = false;
    say("the answers are saved in your downloads");
  }
}
