// Pictures and films of a page. Where one is: a URL, or `#id` for a part inside the page (see html.py).

import { el } from "./dom.js";
import { length } from "./format.js";

const opened = new Map();

// The URL of a place; "" for none. A part inside the page is decoded when it is first asked for.
export function url(place, type) {
  if (!place?.startsWith("#")) return place ?? "";
  if (!opened.has(place)) {
    const part = document.getElementById(`part-${place.slice(1)}`);
    const bytes = part ? Uint8Array.from(atob(part.textContent), (letter) => letter.charCodeAt(0)) : null;
    opened.set(place, bytes ? URL.createObjectURL(new Blob([bytes], { type })) : "");
  }
  return opened.get(place);
}

// The still picture of a medium in a box of the film's shape, or words in its place.
export function poster(medium, alt, given = {}) {
  const place = medium ? medium.poster : "";
  if (!place) return el("span", { class: "blank", "aria-hidden": "true", text: blank(medium) });
  return el("img", { src: url(place, "image/webp"), alt, loading: "lazy", decoding: "async", draggable: "false", ...given });
}

// A medium as it plays: a film or sound with controls, or a picture.
export function player(medium, alt) {
  const place = url(medium?.src, type(medium));
  if (medium?.kind === "video" && place) {
    return el("video", {
      src: place, poster: url(medium.poster, "image/webp") || null, controls: true, preload: "metadata", playsinline: true,
      "aria-label": alt,
    });
  }
  if (medium?.kind === "audio" && place) return el("audio", { src: place, controls: true, preload: "none", "aria-label": alt });
  const still = place || url(medium?.poster, "image/webp");
  if (still && medium.kind !== "audio") return el("img", { src: still, alt, decoding: "async" });
  return el("p", { class: "blank", text: medium?.note || blank(medium) || "not made yet" });
}

// `video, 8.0 s, 1280 × 720, 24 fps`.
export function facts(medium) {
  const size = medium.width ? `${medium.width} × ${medium.height}` : "";
  const rate = medium.fps && medium.kind === "video" ? `${Number(medium.fps.toFixed(3))} fps` : "";
  const silent = medium.kind === "video" && !medium.audio ? "silent" : "";
  return [medium.kind, length(medium.seconds), size, rate, silent].filter(Boolean).join(", ");
}

function type(medium) {
  return { video: "video/mp4", audio: "audio/mp4", image: "image/webp" }[medium?.kind] ?? "";
}

function blank(medium) {
  return { audio: "♪", file: "file" }[medium?.kind] ?? "";
}
