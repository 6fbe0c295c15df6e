// Writes a frame as a time code. This module imports nothing, so that the review page can read it as a script.

// `07`
export function two(number) {
  return String(number).padStart(2, "0");
}

// `00:00:08:12`: hours, minutes, seconds, frames. At 29.97 and 59.94 frames a second, as in every editing
// program, numbers are left out, so that it stays with the clock: `00:01:00;02`.
export function timecode(frame, fps) {
  const rate = Math.max(1, fps % 1 === 0.5 ? 2 * Math.round(fps / 2) : Math.round(fps));
  const drops = [30, 60].includes(rate) && Math.abs(fps - (rate * 1000) / 1001) < 0.001;
  const drop = drops ? rate / 15 : 0;
  const [minute, ten] = [rate * 60 - drop, rate * 600 - 9 * drop];
  const rest = frame % ten;
  const number = frame + drop * (9 * Math.floor(frame / ten) + Math.max(0, Math.floor((rest - drop) / minute)));
  const seconds = Math.floor(number / rate);
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":");
  return `${clock}${drops ? ";" : ":"}${two(number % rate)}`;
}
