// Writes amounts, lengths and moments for people.

import { money } from "./dollars.js";
import { two } from "./timecode.js";

export function count(number) {
  return number.toLocaleString("en");
}

// `3 shots`, `1 shot`.
export function plural(number, word, several = `${word}s`) {
  return `${count(number)} ${number === 1 ? word : several}`;
}

export function span(low, high) {
  if (low < 0.005 && high >= 0.01) return `up to ${money(high)}`;
  return money(low) === money(high) ? money(high) : `${money(low)} to ${money(high)}`;
}

// `8.0 s`, `2m 08s`, `3h 29m`.
export function length(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours ? `${hours}h ${two(minutes)}m` : `${minutes}m ${two(whole % 60)}s`;
}

// A moment in seconds since 1970: `1 Dec 2026, 05:45`.
export function moment(seconds) {
  return new Date(seconds * 1000).toLocaleString("en-GB", {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
  });
}

// The part of a model's name that tells it apart: `veo3.1/fast`.
export function model(uses) {
  return uses.replace(/^fal-ai\//, "");
}
