// Plays one video by frames: the frame that is shown is the frame that is named.
"use strict";

class Player {
  // video: its element. fps: pictures a second. frames: how many.
  constructor(video, fps, frames) {
    this.video = video;
    this.fps = fps || 24;
    this.frames = Math.max(1, frames || 1);
    this.shown = 0; // the frame that is on the screen
    this.wanted = null; // the frame that is sought
    this.rate = 0; // 0 paused, 1, 2, 4, 8 forward, -1, -2, -4, -8 backward
    this.first = null; // in point
    this.last = null; // out point
    this.listeners = [];
    this.timer = null;
    this.ended = false;
    video.pause();
    video.addEventListener("ended", () => this.pause());
    video.addEventListener("seeked", () => this.arrived());
    this.watch();
  }

  onframe(listener) {
    this.listeners.push(listener);
  }

  // Names each picture as the browser presents it, by its own time.
  watch() {
    if (!this.video.requestVideoFrameCallback) {
      this.video.addEventListener("timeupdate", () => this.present(this.video.currentTime));
      return;
    }
    const next = (_, picture) => {
      if (this.ended) return;
      this.present(picture.mediaTime);
      this.video.requestVideoFrameCallback(next);
    };
    this.video.requestVideoFrameCallback(next);
  }

  present(seconds) {
    const frame = Math.min(this.frames - 1, Math.max(0, Math.round(seconds * this.fps)));
    if (this.rate > 0 && this.last !== null && frame >= this.last) {
      this.seek(this.first ?? 0);
      return;
    }
    this.name(frame);
  }

  name(frame) {
    this.shown = frame;
    for (const listener of this.listeners) listener(frame);
  }

  // The middle of a frame, so that rounding never shows its neighbour.
  time(frame) {
    return (frame + 0.5) / this.fps;
  }

  seek(frame) {
    const target = Math.min(this.frames - 1, Math.max(0, frame));
    const busy = this.wanted !== null;
    this.wanted = target;
    if (!busy) this.video.currentTime = this.time(target);
  }

  arrived() {
    const at = Math.floor(this.video.currentTime * this.fps + 1e-3);
    if (this.wanted !== null && this.wanted !== at) {
      this.video.currentTime = this.time(this.wanted);
      return;
    }
    this.wanted = null;
    if (!this.video.requestVideoFrameCallback || this.video.paused) this.name(Math.min(at, this.frames - 1));
  }

  step(count) {
    this.pause();
    this.seek((this.wanted ?? this.shown) + count);
  }

  play(rate = 1) {
    this.stopTimer();
    this.rate = rate;
    if (rate < 0) {
      this.video.pause();
      this.timer = setInterval(() => this.backward(), 1000 / this.fps);
      return null;
    }
    if (this.shown >= this.frames - 1 && this.last === null) this.seek(this.first ?? 0);
    this.video.playbackRate = rate;
    return this.video.play()?.catch(() => this.pause());
  }

  backward() {
    if (this.wanted !== null) return;
    const next = this.shown + this.rate;
    if (next <= (this.first ?? 0)) this.pause();
    this.seek(next);
  }

  pause() {
    this.stopTimer();
    this.rate = 0;
    this.video.pause();
  }

  toggle() {
    if (this.rate) this.pause();
    else this.play(1);
  }

  // J and L: faster in that direction, or back to normal from the other one.
  shuttle(direction) {
    const same = Math.sign(this.rate) === direction;
    this.play(same ? Math.max(-8, Math.min(8, this.rate * 2)) : direction);
  }

  mark(which) {
    if (which === "in") {
      this.first = this.shown;
      if (this.last !== null && this.last < this.first) this.last = null;
    } else {
      this.last = this.shown;
      if (this.first !== null && this.first > this.last) this.first = null;
    }
  }

  unmark() {
    this.first = this.last = null;
  }

  // What a note is about: the marked range, else the frame that is shown.
  range() {
    if (this.first === null && this.last === null) return { frame: this.shown, frames: 1 };
    const first = this.first ?? 0;
    const last = this.last ?? this.frames - 1;
    return { frame: first, frames: last - first + 1 };
  }

  stopTimer() {
    clearInterval(this.timer);
    this.timer = null;
  }

  close() {
    this.pause();
    this.ended = true;
    this.video.removeAttribute("src");
    this.video.load();
  }
}

// Several videos as one: the first leads, the others are kept on its frame.
class Together {
  constructor(players) {
    this.players = players;
    this.lead = players[0];
    this.lead.onframe(() => this.align());
    this.lead.video.addEventListener("seeked", () => this.lead.rate || this.snap());
  }

  get rate() {
    return this.lead.rate;
  }

  // While they play: who is behind runs a little faster, who is far off jumps.
  align() {
    if (this.lead.rate <= 0) return;
    const now = this.lead.video.currentTime;
    for (const other of this.players.slice(1)) {
      const late = now - other.video.currentTime;
      if (Math.abs(late) > 4 / other.fps) other.video.currentTime = now;
      else other.video.playbackRate = this.lead.rate * (1 + Math.max(-0.3, Math.min(0.3, late * 3)));
    }
  }

  // While they stand: all show the frame of the first.
  snap() {
    for (const other of this.players.slice(1)) if (other.shown !== this.lead.shown) other.seek(this.lead.wanted ?? this.lead.shown);
  }

  play(rate = 1) {
    if (rate < 0) return this.lead.play(rate);
    for (const other of this.players.slice(1)) {
      other.video.currentTime = this.lead.video.currentTime;
      other.play(rate);
    }
    return this.lead.play(rate);
  }

  pause() {
    for (const player of this.players) player.pause();
    for (const other of this.players.slice(1)) other.seek(this.lead.shown);
  }

  toggle() {
    if (this.lead.rate) this.pause();
    else this.play(1);
  }

  shuttle(direction) {
    const same = Math.sign(this.lead.rate) === direction;
    if (direction < 0) for (const other of this.players.slice(1)) other.pause();
    this.play(same ? Math.max(-8, Math.min(8, this.lead.rate * 2)) : direction);
  }

  step(count) {
    this.pause();
    this.seek((this.lead.wanted ?? this.lead.shown) + count);
  }

  seek(frame) {
    for (const player of this.players) player.seek(frame);
  }

  close() {
    for (const player of this.players) player.close();
  }
}
