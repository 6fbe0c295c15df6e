// The screen: plays the film, a clip, or takes side by side, with controls, marks and a place to draw.
"use strict";

class Viewer {
  // place: its element. media: gives the address of a file by its digest. changed: called when what is shown changed.
  constructor(place, media, changed) {
    this.media = media;
    this.changed = changed;
    this.item = null; // what is shown: {title, address, take, digest, fps, frames, reel, shots}
    this.player = null;
    this.marks = [];
    this.screen = el("div", { className: "screen" });
    this.canvas = el("canvas", { role: "img" });
    this.canvas.setAttribute("aria-label", "Drawing over the picture");
    this.drawing = new Drawing(this.canvas);
    this.time = el("output", { className: "time", id: "frame" });
    this.scrub = el("input", { type: "range", min: 0, max: 0, value: 0, step: 1, id: "scrub" });
    this.scrub.setAttribute("aria-label", "Frame");
    this.scrub.addEventListener("input", () => {
      this.player?.pause();
      this.player?.seek(Number(this.scrub.value));
    });
    this.below = el("div", { className: "marks", ariaHidden: "true" });
    this.title = el("h2", { id: "shown" });
    this.tools = el("div", { className: "controls" }, this.buttons());
    this.wiper = el("input", { type: "range", min: 0, max: 100, value: 50, hidden: true });
    this.wiper.setAttribute("aria-label", "Wipe");
    this.wiper.addEventListener("input", () => this.screen.style.setProperty("--wipe", `${this.wiper.value}%`));
    this.bar = el("div", { className: "bar" }, this.scrub, this.below);
    fill(place, this.title, this.screen, this.bar, this.wiper, this.tools);
    new ResizeObserver(() => this.drawing.paint()).observe(this.screen);
  }

  buttons() {
    const button = (label, name, act) => el("button", { type: "button", title: name, ariaLabel: name, onclick: act }, label);
    return [
      button("‹", "One frame back (←)", () => this.player?.step(-1)),
      button("▶ / ❚❚", "Play or pause (Space)", () => this.player?.toggle()),
      button("›", "One frame forward (→)", () => this.player?.step(1)),
      this.time,
      button("In", "In point (I)", () => this.mark("in")),
      button("Out", "Out point (O)", () => this.mark("out")),
      button("Clear", "Clear in and out (Escape)", () => this.unmark()),
    ];
  }

  // Shows one video, picture or sound.
  show(item, frame = 0) {
    this.leave();
    this.item = item;
    this.title.textContent = item.title;
    this.screen.className = "screen";
    const medium = this.element(item);
    fill(this.screen, medium, this.canvas);
    this.player = item.kind === "video" || item.kind === "audio" ? new Player(medium, item.fps, item.frames) : null;
    this.begin(frame);
  }

  // Shows two takes, side by side or one over the other.
  compare(first, second, wipe, frame = 0) {
    this.leave();
    this.item = first;
    this.title.textContent = `${first.title} beside take ${second.take}`;
    this.screen.className = `screen ${wipe ? "wipe" : "side-by-side"}`;
    const media = [this.element(first), this.element(second)];
    const tags = [first, second].map((item, i) => el("span", { className: `tag ${i ? "right" : "left"}` }, `take ${item.take}`));
    fill(this.screen, media, wipe ? this.canvas : null, tags);
    const videos = first.kind === "video" && second.kind === "video";
    this.player = videos ? new Together(media.map((video, i) => new Player(video, [first, second][i].fps, [first, second][i].frames))) : null;
    this.wiper.hidden = !wipe;
    this.begin(frame);
  }

  begin(frame) {
    this.drawing.clear();
    this.drawing.on = false;
    this.scrub.max = Math.max(0, (this.item.frames || 1) - 1);
    this.bar.hidden = this.tools.hidden = !this.player;
    this.wiper.hidden = !this.screen.classList.contains("wipe");
    this.lead?.onframe((number) => this.named(number));
    if (this.player) this.ready(frame);
    this.paintMarks();
    this.changed();
  }

  ready(frame) {
    const videos = [...this.screen.querySelectorAll("video, audio")];
    const waits = videos.map((video) => new Promise((done) => (video.readyState >= 1 ? done() : video.addEventListener("loadedmetadata", done, { once: true }))));
    const { player } = this;
    Promise.all(waits).then(() => player === this.player && player.seek(frame));
  }

  get lead() {
    return this.player?.lead ?? this.player;
  }

  get frame() {
    return this.lead?.shown ?? 0;
  }

  element(item) {
    const broken = () => say(`this browser cannot play ${item.title}`, `its file is in out/, and is ${item.type}`, true);
    if (item.kind === "video") return el("video", { src: this.media(item.digest), preload: "auto", playsInline: true, onerror: broken });
    if (item.kind === "audio") return el("audio", { src: this.media(item.digest), preload: "auto", onerror: broken });
    if (item.kind === "image") return el("img", { src: this.media(item.digest), alt: item.title, onerror: broken });
    return el("p", { className: "none" }, item.why || "there is nothing to see yet");
  }

  named(frame) {
    this.scrub.value = frame;
    this.time.value = `${timecode(frame, this.item.fps || 24)}  frame ${frame}`;
    this.time.dataset.frame = frame;
    this.onframe?.(frame);
  }

  mark(which) {
    this.lead?.mark(which);
    this.paintMarks();
  }

  unmark() {
    this.lead?.unmark();
    this.paintMarks();
  }

  // The shot that is seen at a frame of the film, and its own frame; null where that is no shot.
  inside(frame) {
    const shots = this.item.shots || [];
    const found = shots.findLast((shot) => shot.address && shot.frame <= frame && frame < shot.frame + shot.frames);
    return found ? { shot: found, frame: Math.floor(found.start * this.item.fps + (frame - found.frame) * found.speed + 0.01) } : null;
  }

  // Where a note is in what is shown; null where it is not in it.
  placeOf(note) {
    const frame = note.frame ?? 0;
    if (!this.item) return null;
    if (this.item.address) return note.shot === this.item.address && (!note.digest || !this.item.digest || note.digest === this.item.digest) ? frame : null;
    if (!note.shot) return this.item.reel ? frame : null;
    const shot = (this.item.shots || []).find((one) => one.address === note.shot && (!note.digest || note.digest === one.digest || this.item.preview));
    if (!shot) return null;
    return Math.max(shot.frame, Math.min(shot.frame + shot.frames - 1, Math.round(shot.frame + (frame - shot.start * this.item.fps) / (shot.speed || 1))));
  }

  paintMarks() {
    const length = Math.max(1, this.item?.frames || 1);
    const span = (kind, first, frames = 0) => {
      const mark = el("span", { className: kind });
      mark.style.left = `${(100 * first) / length}%`;
      if (frames) mark.style.width = `${(100 * frames) / length}%`;
      return mark;
    };
    const range = this.lead && (this.lead.first !== null || this.lead.last !== null) ? this.lead.range() : null;
    fill(
      this.below,
      (this.item?.shots || []).map((shot) => span("cut", shot.frame)),
      range && span("range", range.frame, range.frames),
      this.marks.map((note) => [note, this.placeOf(note)]).filter(([, at]) => at !== null)
        .map(([note, at]) => span(note.status === "done" ? "done" : "open", at, note.frames > 1 ? note.frames : 0)),
    );
  }

  leave() {
    this.player?.close();
    this.player = null;
  }
}
