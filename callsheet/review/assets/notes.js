// The notes on the film: listed, written at a frame or a range, answered, opened and done.
"use strict";

const NOTES_AT_ONCE = 100;

class NotesPanel {
  constructor(app) {
    this.app = app;
    this.notes = [];
    this.problems = [];
    this.onlyOpen = false;
    this.most = NOTES_AT_ONCE;
  }

  get open() {
    return this.notes.filter((note) => note.status === "open").length;
  }

  render(place) {
    const { viewer } = this.app;
    const shown = this.notes.filter((note) => !this.onlyOpen || note.status === "open");
    const places = new Map(shown.map((note) => [note, viewer.placeOf(note)]));
    const here = shown.filter((note) => places.get(note) !== null).sort((a, b) => places.get(a) - places.get(b));
    const others = shown.filter((note) => places.get(note) === null);
    const near = here.slice(0, this.most);
    const far = others.slice(0, Math.max(0, this.most - here.length));
    const left = shown.length - near.length - far.length;
    fill(
      place,
      el("p", { className: "buttons" },
        el("button", { type: "button", className: "main", onclick: () => this.write() }, "Note (N)"),
        el("button", { type: "button", ariaPressed: String(this.onlyOpen), onclick: () => { this.onlyOpen = !this.onlyOpen; this.app.show("notes"); } }, "Only open")),
      this.problems.map((problem) => el("p", { className: "warn" }, problem)),
      here.length ? near.map((note) => this.card(note)) : el("p", { className: "soft" }, "No note on what is shown."),
      far.length ? [el("h2", {}, "Elsewhere"), far.map((note) => this.card(note))] : null,
      left ? el("button", { type: "button", onclick: () => { this.most += NOTES_AT_ONCE; this.app.show("notes"); } }, `${left} more`) : null,
    );
  }

  card(note) {
    const where = note.shot ? `${note.shot}${note.take > 1 ? ` take ${note.take}` : ""}` : "the film";
    const rate = note.rate || this.app.viewer.item?.fps || 24;
    const at = note.frame === null || note.frame === undefined ? "" : ` ${timecode(note.frame, rate)}${note.frames > 1 ? ` to ${timecode(note.frame + note.frames - 1, rate)}` : ""}`;
    const button = (label, act) => el("button", { type: "button", onclick: act, ariaLabel: `${label}: ${note.text}` }, label);
    return el("article", { className: `note ${note.status}`, data: { id: note.id } },
      el("h3", {}, where, el("span", { className: "time" }, at)),
      note.stale ? el("p", { className: "warn" }, note.stale) : null,
      el("p", { className: "text" }, note.text || "(a drawing)"),
      el("p", { className: "soft" }, [note.author, note.at].filter(Boolean).join(", ")),
      note.replies?.length ? el("ul", {}, note.replies.map((one) => el("li", {}, `${one.author}: ${one.text}`))) : null,
      el("p", { className: "buttons" },
        button("Show", () => this.goTo(note)),
        button("Reply", () => this.reply(note)),
        button(note.status === "open" ? "Done" : "Open again", () => this.app.act(note.status === "open" ? "close" : "reopen", { id: note.id })),
        note.shot && this.app.backend.buys ? button("Do again", () => this.app.shots.retake([note.shot], note)) : null));
  }

  // Takes the viewer to where a note is.
  goTo(note) {
    const { viewer } = this.app;
    let at = viewer.placeOf(note);
    if (at === null) {
      if (note.shot) this.app.select(note.shot, note.take, note.digest);
      else this.app.showReel();
      at = note.frame ?? 0;
    }
    viewer.player?.pause();
    const draw = () => viewer.drawing.show(note.drawing);
    viewer.player?.seek(at);
    setTimeout(draw, 60);
  }

  // Writes a note on the frame that is shown, or on the range between in and out.
  async write() {
    const { viewer } = this.app;
    const { item } = viewer;
    if (!item) return;
    viewer.player?.pause();
    const still = !viewer.player || !item.digest;
    const { frame, frames } = still ? { frame: null, frames: 1 } : viewer.lead.range();
    const inside = frame === null ? null : viewer.inside(frame);
    const about = { shot: item.address || "", take: item.take || 1, frame, frames, digest: item.digest };
    if (inside) {
      Object.assign(about, { shot: inside.shot.address, take: inside.shot.take, frame: inside.frame, digest: inside.shot.digest });
      about.frames = Math.min(frames, inside.shot.frame + inside.shot.frames - frame);
    }
    const picked = this.app.shots.picked(about.shot);
    const shot = about.shot && about.take !== picked ? `${about.shot}#${about.take}` : about.shot;
    this.compose({ ...about, shot, base: about.shot });
  }

  compose(about) {
    const { viewer } = this.app;
    const area = el("textarea", { id: "note-text", rows: 3 });
    const draw = el("button", { type: "button", ariaPressed: "false", onclick: () => {
      viewer.drawing.on = !viewer.drawing.on;
      draw.ariaPressed = String(viewer.drawing.on);
    } }, "Draw");
    const where = about.frame === null ? "" : ` at frame ${about.frame}${about.frames > 1 ? ` to ${about.frame + about.frames - 1}` : ""}`;
    const end = () => { viewer.drawing.on = false; viewer.drawing.clear(); this.app.show("notes"); };
    const save = async () => {
      const said = { id: id(), text: area.value, shot: about.shot, frame: about.frame, frames: about.frames, digest: about.digest, take: about.take, base: about.base, drawing: viewer.drawing.value() };
      if (!said.text.trim() && !said.drawing) return say("a note needs words or a drawing", "", true);
      area.readOnly = true;
      if (await this.app.act("note", said)) end();
      else area.readOnly = false;
    };
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
      if (event.key === "Escape") end();
    });
    this.app.tab = "notes";
    const box = el("section", { className: "card", ariaLabel: "New note" },
      el("label", { htmlFor: "note-text" }, `Note on ${about.shot || "the film"}${where}`), area,
      el("p", { className: "buttons" }, el("button", { type: "button", className: "main", onclick: save }, "Save (Ctrl Enter)"), draw,
        el("button", { type: "button", onclick: () => viewer.drawing.clear() }, "Wipe drawing"), el("button", { type: "button", onclick: end }, "Cancel")));
    this.app.show("notes");
    byId("panel").prepend(box);
    this.app.writing = true;
    area.focus();
  }

  async reply(note) {
    const said = await ask({ title: "Reply", lines: [note.text], fields: [{ name: "text", label: "Reply", rows: 3 }], yes: "Reply" });
    if (said?.text.trim()) await this.app.act("reply", { id: note.id, text: said.text });
  }
}

// An id that no other note has, so that a note that is sent twice is one note.
function id() {
  return Array.from(crypto.getRandomValues(new Uint8Array(5)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
