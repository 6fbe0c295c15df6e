// The film, and its shots on a time line below it.

import { el, restyle } from "./dom.js";
import { length, model as modelName, plural } from "./format.js";
import { facts, player, poster } from "./media.js";
import { badge, command, figures, pairs, price } from "./parts.js";
import { timecode } from "./timecode.js";

const NARROWEST = 56; // pixels of a shot on the line, on the average

export const film = { id: "film", title: () => "Film", render };

function render(root, model, app) {
  const medium = model.data.media[model.film.medium];
  const screen = el("div", { class: "screen" }, player(medium, `The film ${model.film.name}`));
  const video = screen.querySelector("video");
  const now = el("div", { class: "now", "aria-live": "off" });
  const line = timeline(model, (shot) => go(shot));
  root.append(
    el("div", { class: "slate" },
      el("h2", { text: model.film.description || model.film.name }),
      pairs([...lengths(model, medium), ...figures(model)], "figures"),
      medium?.preview ? el("p", { class: "hint", text: "This is the preview: no model was asked." }) : null,
      model.film.next ? el("p", { class: "hint" }, "Next: ", command(model.film.next)) : null),
    el("div", { class: "stage" }, screen, now), line.root, others(model, app));

  function go(shot) {
    if (video) video.currentTime = (shot.frame + 0.5) / model.film.fps;
    tell(shot);
  }

  function tell(shot) {
    line.mark(shot);
    now.replaceChildren(...about(model, app, shot));
  }

  function follow() {
    const frame = Math.floor(video.currentTime * model.film.fps + 1e-3);
    line.head(frame);
    const shot = [...model.film.shots].reverse().find((one) => one.frame <= frame);
    if (shot && shot.number !== line.marked) tell(shot);
  }

  video?.addEventListener("timeupdate", follow);
  if (model.film.shots.length) tell(model.film.shots[0]);
  return {
    show: line.draw,
    select: (index) => {
      const shot = model.shots.get(index)?.[0];
      if (shot && shot.number !== line.marked) go(shot);
    },
  };
}

function lengths(model, medium) {
  const found = [];
  if (medium?.seconds) found.push(["Length", length(medium.seconds)]);
  if (model.film.shots.length) found.push(["Shots", String(model.film.shots.length)]);
  return found;
}

// What is said of the shot that is on the screen.
function about(model, app, shot) {
  const { fps } = model.film;
  const head = el("p", { class: "time" }, el("span", { text: timecode(shot.frame, fps) }), " – ",
    el("span", { text: timecode(shot.frame + shot.frames, fps) }));
  if (shot.instance === null) return [el("h3", { text: `Shot ${shot.number}` }), head, el("p", { text: "a file of yours" })];
  const one = model.instances[shot.instance];
  const words = model.prompt(shot.instance);
  return [
    el("h3", {}, el("span", { class: "number", text: String(shot.number) }), ` ${one.shot || one.node}`),
    head,
    words ? el("blockquote", { text: words }) : null,
    el("p", { class: "making" }, badge(model.state(shot.instance)), el("span", { text: modelName(one.uses) }), el("span", { class: "usd", text: price(model, shot.instance) })),
    el("button", { type: "button", text: "How it was made", on: { click: () => app.select(shot.instance) } }),
  ].filter(Boolean);
}

// The shots side by side, each as wide as it is long; only those that are seen are drawn.
function timeline(model, call) {
  const { shots, fps } = model.film;
  const end = shots.reduce((last, shot) => Math.max(last, shot.frame + shot.frames), 1);
  const track = el("div", { class: "track" });
  const head = el("div", { class: "playhead", "aria-hidden": "true" });
  const root = el("nav", { class: "timeline", "aria-label": "Shots", hidden: !shots.length }, track);
  const drawn = new Map();
  let scale = 1;
  let asked = false;
  track.append(head);

  function resize() {
    const width = Math.max(root.clientWidth, shots.length * NARROWEST);
    scale = width / end;
    restyle(track, { width: `${width}px` });
    for (const [shot, item] of drawn) place(shot, item);
    draw();
  }

  function place(shot, item) {
    restyle(item, { left: `${shot.frame * scale}px`, width: `${Math.max(2, shot.frames * scale - 2)}px` });
  }

  function draw() {
    asked = false;
    if (!root.clientWidth) return;
    const [from, to] = [root.scrollLeft - 200, root.scrollLeft + root.clientWidth + 200];
    for (const shot of shots) {
      const seen = shot.frame * scale < to && (shot.frame + shot.frames) * scale > from;
      if (!seen && drawn.has(shot)) {
        drawn.get(shot).remove();
        drawn.delete(shot);
      } else if (seen && !drawn.has(shot)) {
        const item = button(shot);
        place(shot, item);
        drawn.set(shot, item);
        const after = [...drawn.keys()].filter((other) => other.number > shot.number).sort((a, b) => a.number - b.number)[0];
        track.insertBefore(item, after ? drawn.get(after) : head);
      }
    }
  }

  function button(shot) {
    const one = shot.instance === null ? null : model.instances[shot.instance];
    const name = one ? one.shot || one.node : "your file";
    const medium = one ? model.picture(shot.instance)?.[1] : null;
    return el("button", {
      type: "button", class: "shot", "aria-current": shot.number === line.marked ? "true" : null,
      "aria-label": `Shot ${shot.number}, ${name}, at ${timecode(shot.frame, fps)}, ${length(shot.frames / fps)}`,
      on: { click: () => call(shot) },
    }, poster(medium, ""), el("span", { class: "label" }, el("b", { text: String(shot.number) }), ` ${name}`));
  }

  const line = {
    root,
    marked: 0,
    draw: resize,
    mark: (shot) => {
      line.marked = shot.number;
      for (const [other, item] of drawn) item.toggleAttribute("aria-current", other === shot);
      line.head(shot.frame);
      const [left, right] = [shot.frame * scale, (shot.frame + shot.frames) * scale];
      if (left < root.scrollLeft || right > root.scrollLeft + root.clientWidth) root.scrollLeft = left - 40;
    },
    head: (frame) => restyle(head, { transform: `translateX(${frame * scale}px)` }),
  };
  root.addEventListener("scroll", () => {
    if (!asked) requestAnimationFrame(draw);
    asked = true;
  }, { passive: true });
  new ResizeObserver(resize).observe(root);
  return line;
}

// The other outputs of the pipeline.
function others(model, app) {
  const found = Object.entries(model.film.outputs).flatMap(([name, ids]) => ids.map((id) => [name, id]));
  const more = found.filter(([, id]) => id !== model.film.medium);
  if (!more.length) return el("div", {});
  const items = more.slice(0, 60).map(([name, id]) => el("figure", {}, player(model.data.media[id], name),
    el("figcaption", {}, el("b", { text: name }), ` ${facts(model.data.media[id])}`)));
  return el("div", { class: "outputs" }, el("h2", { text: `Also made: ${plural(more.length, "file")}` }), el("div", { class: "tiles" }, items));
}
