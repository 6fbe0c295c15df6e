// The takes of the shot that is selected: looked at, compared in sync, picked, approved and rejected.
"use strict";

class TakesPanel {
  constructor(app) {
    this.app = app;
    this.wipe = false;
    this.pair = null;
  }

  get shot() {
    return this.app.shots.here;
  }

  render(place) {
    const { shot } = this;
    if (!shot) return fill(place, el("p", { className: "soft" }, "Select a shot."));
    const made = shot.takes.filter((take) => this.item(shot, take));
    const buys = this.app.backend.buys;
    return fill(
      place,
      el("h2", {}, shot.address),
      el("p", { className: "soft" }, [shot.action === "reuse" ? "made" : shot.action, shot.reason].filter(Boolean).join(": ")),
      el("p", { className: "buttons" },
        made.length > 1 ? [
          el("button", { type: "button", onclick: () => this.compare(false) }, "Side by side (C)"),
          el("button", { type: "button", onclick: () => this.compare(true) }, "Wipe (W)")] : null,
        buys ? el("button", { type: "button", onclick: () => this.app.shots.retake([shot.address]) }, "Another take (R)") : null),
      shot.takes.map((take) => this.card(shot, take)),
      this.words(shot));
  }

  card(shot, take) {
    const item = this.item(shot, take);
    const state = [
      take.picked && shot.takes.length > 1 ? "counts" : "",
      take.made ? "" : item ? "preview" : "not made yet",
      take.seed === null ? "" : `seed ${take.seed}`,
      take.picked && take.made && shot.gate === "open" ? "approved" : "",
    ].filter(Boolean).join(", ");
    const still = item ? this.app.shots.still({ needs: [] }, [item]) : "";
    const face = still ? el("img", { src: still, alt: `take ${take.number}`, loading: "lazy" }) : null;
    const button = (label, act, off = false) => el("button", { type: "button", onclick: act, disabled: off, ariaLabel: `${label}, take ${take.number}` }, label);
    const gate = take.picked && take.made && shot.gate;
    return el("article", { className: `take${take.picked ? " picked" : ""}`, data: { take: take.number } },
      el("h3", {}, `Take ${take.number}`), face, state ? el("p", { className: "soft" }, state) : null,
      take.rejected ? el("p", { className: "bad" }, take.rejected) : null,
      gate === "closed" ? el("p", { className: "warn" }, "waits for an approval") : null,
      gate === "changed" ? el("p", { className: "warn" }, "another result was approved; this one waits") : null,
      el("p", { className: "buttons" },
        item ? button("Show", () => this.show(take.number)) : null,
        shot.takes.length > 1 ? button(`Pick (${take.number})`, () => this.pick(take.number), take.picked) : null,
        gate && !shot.settled ? button(gate === "open" ? "Take approval back" : "Approve (A)", () => this.approve(gate === "open")) : null,
        take.picked && take.made && !take.rejected ? button("Reject (X)", () => this.reject()) : null,
        take.rejected ? button("Take rejection back", () => this.app.act("reject", { addresses: [take.address], undo: true })) : null));
  }

  words(shot) {
    if (!shot.parameter) return null;
    return el("section", { className: "card", ariaLabel: "Text" },
      el("h3", {}, shot.parameter), el("p", {}, shot.prompt),
      this.app.backend.buys ? el("p", {}, el("button", { type: "button", onclick: () => this.edit(shot) }, "Edit (E)")) : null);
  }

  // What the viewer shows of a take: its first video, else its first picture or sound.
  item(shot, take) {
    const best = (media) => ["video", "image", "audio"].map((kind) => media.find((one) => one.kind === kind)).find(Boolean);
    const medium = best(take.media) || best(take.preview);
    if (!medium) return null;
    const frames = medium.kind === "video" || medium.kind === "audio" ? Math.round((medium.seconds || 0) * (medium.fps || 24)) : 1;
    return { ...medium, title: `${shot.address}${take.made ? "" : " (preview)"}`, address: shot.address, take: take.number, preview: !take.made, frames, shots: [] };
  }

  show(number) {
    this.pair = null;
    const take = this.shot?.takes.find((one) => one.number === number);
    const item = take && this.item(this.shot, take);
    if (item) this.app.viewer.show({ ...item, title: `${item.title}, take ${number}` }, Math.min(this.app.viewer.frame, item.frames - 1));
  }

  // Shows the take that counts beside the one before it, or the two that were chosen.
  compare(wipe) {
    const { shot } = this;
    const made = shot?.takes.filter((take) => this.item(shot, take)) || [];
    if (made.length < 2) return say("there is one take", "R asks for another one");
    this.wipe = wipe;
    const now = this.app.viewer.item;
    const frame = now?.address === shot.address ? this.app.viewer.frame : 0;
    const first = made.find((take) => take.picked) || made[0];
    const others = made.filter((take) => take !== first);
    const again = this.pair?.address === shot.address && this.pair.wipe === wipe ? this.pair.other : -1;
    const other = others[(others.findIndex((take) => take.number === again) + 1) % others.length];
    this.pair = { address: shot.address, wipe, other: other.number };
    const [one, two] = [this.item(shot, first), this.item(shot, other)];
    this.app.viewer.compare({ ...one, take: first.number }, { ...two, take: other.number }, wipe, frame);
  }

  async pick(number) {
    const { shot } = this;
    if (!shot?.takes.some((take) => take.number === number)) return;
    const done = await this.app.act("pick", { address: shot.address, number, seen: this.seen(shot, number) }, `take ${number} of ${shot.address} counts`);
    if (done && this.app.viewer.item?.address === shot.address && !this.pair) this.show(number);
  }

  async approve(undo = false) {
    const { shot } = this;
    const take = shot?.takes.find((one) => one.picked);
    if (!take || !shot.gate) return say("no node waits for an approval of this shot", "add `approve: true` to its node");
    if (!take.made) return say("there is no result to approve yet");
    await this.app.act("approve", { addresses: [take.address], undo, seen: this.seen(shot, take.number) }, `${shot.address} is ${undo ? "not approved any more" : "approved"}`);
  }

  async reject() {
    const { shot } = this;
    const take = shot?.takes.find((one) => one.picked && one.made);
    if (!take) return say("there is no result to reject");
    const said = await ask({ title: `Reject ${shot.address}`, lines: ["The film goes on without it. It stays paid and kept."], fields: [{ name: "why", label: "Why" }], yes: "Reject" });
    if (said) await this.app.act("reject", { addresses: [take.address], why: said.why, seen: this.seen(shot, take.number) }, `${shot.address} is rejected`);
  }

  seen(shot, number) {
    const take = shot.takes.find((one) => one.number === number);
    return take?.digest ? { [take.address]: take.digest } : {};
  }

  // Edits a text where the file says it, then shows what that reaches.
  async edit(shot = this.shot) {
    if (!shot?.parameter || !this.app.backend.buys) return;
    const found = await this.app.backend.act("text", { node: shot.node, parameter: shot.parameter });
    if (found.text === null) return say(`the text of ${shot.address} is not written in the pipeline file`, "edit it in its recipe", true);
    const lines = ["Comments and layout of the file stay. ${{ … }} is filled in for each shot."];
    const said = await ask({ title: `${shot.parameter} of ${shot.node}`, lines, fields: [{ name: "text", label: "Text", rows: 6, value: found.text }], yes: "Save", wide: true });
    if (!said || said.text === found.text) return;
    const done = await this.app.act("reword", { node: shot.node, parameter: shot.parameter, before: found.text, text: said.text });
    if (!done) return;
    const reached = `a run makes ${done.count} again: ${done.reaches.slice(0, 12).join(", ")}${done.count > 12 ? ", …" : ""}`;
    const lines2 = [el("pre", {}, done.diff), `${done.price.text}: ${reached}. Nothing is made yet.`];
    const keep = await ask({ title: "The file is changed", lines: lines2, yes: "Preview it", wide: true });
    if (keep) await this.app.run.preview();
    else say("the file is changed", "Cancel only closed the question; edit again to go back");
  }
}
