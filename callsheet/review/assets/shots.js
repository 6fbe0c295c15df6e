// The board of all shots: selected, chosen for another take, and bought after the price was shown.
"use strict";

const SHOWN_AT_ONCE = 120;

class Shots {
  constructor(app, place) {
    this.app = app;
    this.place = place;
    this.all = [];
    this.selected = "";
    this.chosen = new Set();
    this.most = SHOWN_AT_ONCE;
    this.end = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.more());
  }

  get here() {
    return this.all.find((shot) => shot.address === this.selected) || null;
  }

  picked(address) {
    return this.all.find((shot) => shot.address === address)?.takes.find((take) => take.picked)?.number ?? 1;
  }

  set(shots) {
    this.all = shots;
    for (const address of this.chosen) if (!shots.some((shot) => shot.address === address)) this.chosen.delete(address);
    if (!this.here) this.selected = "";
    this.render();
  }

  // Those that show something, and those that models make.
  get shown() {
    return this.all.filter((shot) => !shot.local || shot.takes.some((take) => take.media.length || take.preview.length));
  }

  render() {
    const { backend } = this.app;
    const again = el("button", { type: "button", disabled: !this.chosen.size, onclick: () => this.retake([...this.chosen]) }, `Do ${this.chosen.size || "these"} again…`);
    fill(this.place, el("h2", {}, "Shots"), backend.buys ? el("p", { className: "buttons" }, again) : null,
      this.list = el("ul", { className: "board" }, this.shown.slice(0, this.most).map((shot) => this.card(shot))), this.rest = el("p", { className: "soft" }));
    this.watchEnd();
  }

  // Draws more when the end of the board is seen.
  more() {
    const next = this.shown.slice(this.most, this.most + SHOWN_AT_ONCE);
    this.most += next.length;
    this.list.append(...next.map((shot) => this.card(shot)));
    this.watchEnd();
  }

  watchEnd() {
    this.end.disconnect();
    const left = this.shown.length - this.list.children.length;
    this.rest.textContent = left > 0 ? `${left} more` : "";
    if (left > 0) this.end.observe(this.rest);
  }

  card(shot) {
    const take = shot.takes.find((one) => one.picked) || shot.takes[0];
    const media = take.media.length ? take.media : take.preview;
    const still = this.still(shot, media);
    const marks = [take.made ? "" : media.length ? "preview" : STATES[shot.action] || shot.action, shot.takes.length > 1 ? `${shot.takes.length} takes` : "",
      take.rejected ? "rejected" : "", (take.made && { closed: "waits for you", changed: "waits for you", open: "approved" }[shot.gate]) || "",
      this.notesOn(shot.address)].filter(Boolean).join(", ");
    const choose = el("input", { type: "checkbox", checked: this.chosen.has(shot.address), onchange: (event) => this.choose(shot.address, event.target.checked) });
    return el("li", { className: shot.address === this.selected ? "here" : "", data: { address: shot.address } },
      el("button", { type: "button", className: "face", onclick: () => this.app.select(shot.address) },
        still ? el("img", { src: still, alt: "", loading: "lazy" }) : el("span", { className: "blank" }, shot.node),
        el("span", { className: "words" }, el("strong", {}, shot.address), el("br"), el("span", { className: "soft" }, marks))),
      this.app.backend.buys && !shot.local && take.made ? el("label", {}, choose, `again ${money(take.each)}`) : null);
  }

  // A picture of a shot: its own, one out of its video, or that of what it is made from.
  still(shot, media) {
    const { backend } = this.app;
    const own = media.find((one) => one.kind === "image");
    const video = media.find((one) => one.kind === "video");
    const other = shot.needs.map((need) => this.pictures.get(need)).find(Boolean);
    return (own && backend.media(own.digest)) || (video && backend.still(video.digest)) || (other && backend.media(other.digest)) || "";
  }

  get pictures() {
    if (this.from !== this.all) {
      this.from = this.all;
      const of = (take) => [...take.media, ...take.preview].find((one) => one.kind === "image");
      this.known = new Map(this.all.flatMap((shot) => shot.takes.map((take) => [take.address, of(take)])));
    }
    return this.known;
  }

  notesOn(address) {
    const open = this.app.notes.notes.filter((note) => note.shot === address && note.status === "open").length;
    return open ? `${open} open note${open > 1 ? "s" : ""}` : "";
  }

  choose(address, yes) {
    if (yes) this.chosen.add(address);
    else this.chosen.delete(address);
    this.render();
    this.place.querySelector(`[data-address="${CSS.escape(address)}"] input`)?.focus();
  }

  // The next or the previous shot.
  move(by) {
    const { shown } = this;
    const at = shown.findIndex((shot) => shot.address === this.selected);
    const next = shown[Math.max(0, Math.min(shown.length - 1, at + by))];
    if (next) this.app.select(next.address);
  }

  // Another take of each: first the price, then the question, then the run.
  async retake(addresses, note = null) {
    const found = await this.app.act("retake", { addresses });
    if (!found) return;
    const these = addresses.length === 1 ? addresses[0] : `these ${addresses.length}`;
    const lines = [note ? `“${note.text}”` : "", addresses.length > 1 ? found.reaches.join(", ") : "", "The takes that exist stay, and count until you pick another."].filter(Boolean);
    const yes = await ask({ title: `Do ${these} again: ${found.price.text}`, lines, fields: note ? [] : [{ name: "note", label: "Why (optional)" }], yes: `Spend ${found.price.text}`, careful: true });
    if (!yes) return;
    const agreed = { usd: found.price.usd, unpriced: found.price.unpriced };
    const why = note ? { note_id: note.id } : { note: yes.note };
    if (!(await this.app.act("retake", { addresses, ...why, agreed }))) return;
    this.chosen.clear();
    this.render();
    this.app.show("run");
  }
}
