// Lines that a person draws on a picture, in fractions of its width and height.
"use strict";

const MOST_POINTS = 20000;

class Drawing {
  constructor(canvas) {
    this.canvas = canvas;
    this.strokes = [];
    this.line = null;
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.go(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (this.line = null));
  }

  get on() {
    return this.canvas.classList.contains("draws");
  }

  set on(value) {
    this.canvas.classList.toggle("draws", value);
  }

  begin(event) {
    if (!this.on) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.line = [this.place(event)];
    this.strokes.push({ color: "red", points: this.line });
    this.paint();
  }

  go(event) {
    if (!this.line || this.size >= MOST_POINTS) return;
    this.line.push(this.place(event));
    this.paint();
  }

  get size() {
    return this.strokes.reduce((sum, stroke) => sum + stroke.points.length, 0);
  }

  // A point as fractions of the picture, which may be narrower or lower than the canvas.
  place(event) {
    const canvas = this.canvas.getBoundingClientRect();
    const box = this.picture();
    const at = (value, start, size) => Math.round(Math.min(1, Math.max(0, (value - start) / size)) * 1e4) / 1e4;
    return [at(event.clientX - canvas.left, box.x, box.width), at(event.clientY - canvas.top, box.y, box.height)];
  }

  picture() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const media = this.canvas.parentElement.querySelector("video, img");
    const [w, h] = media ? [media.videoWidth || media.naturalWidth, media.videoHeight || media.naturalHeight] : [0, 0];
    if (!w || !h || !width || !height) return { x: 0, y: 0, width: width || 1, height: height || 1 };
    const scale = Math.min(width / w, height / h);
    return { x: (width - w * scale) / 2, y: (height - h * scale) / 2, width: w * scale, height: h * scale };
  }

  clear() {
    this.strokes = [];
    this.paint();
  }

  value() {
    return this.strokes.length ? { version: 1, strokes: this.strokes } : null;
  }

  // Shows what a note has; anything that is no drawing shows nothing.
  show(value) {
    const strokes = Array.isArray(value?.strokes) ? value.strokes : [];
    const point = (p) => Array.isArray(p) && p.length === 2 && p.every(Number.isFinite);
    this.strokes = strokes
      .filter((stroke) => Array.isArray(stroke?.points))
      .slice(0, 500)
      .map((stroke) => ({ color: "red", points: stroke.points.filter(point).slice(0, MOST_POINTS) }));
    this.paint();
  }

  paint() {
    const canvas = this.canvas;
    if (!canvas.isConnected) return;
    canvas.width = canvas.clientWidth;
    canvas.height = canvas.clientHeight;
    const context = canvas.getContext("2d");
    const box = this.picture();
    context.lineWidth = Math.max(3, box.width / 220);
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = "#ff3b30";
    for (const { points } of this.strokes) {
      context.beginPath();
      points.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](box.x + x * box.width, box.y + y * box.height));
      if (points.length === 1) context.lineTo(box.x + points[0][0] * box.width + 0.1, box.y + points[0][1] * box.height);
      context.stroke();
    }
  }
}
