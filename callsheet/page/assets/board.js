// The board: a card for each shot, with its takes, its words, and what it was made from.

import { el } from "./dom.js";
import { count, model as modelName } from "./format.js";
import { facts, poster } from "./media.js";
import { badge, price, thumb } from "./parts.js";
import { timecode } from "./timecode.js";
import { virtual } from "./virtual.js";

const [WIDTH, GAP, WORDS] = [268, 20, 154]; // pixels: of a card at least, between cards, below its picture
const SMALL = 5; // small pictures in a row of a card

export const board = { id: "board", title: () => "Board", render };

function render(root, model, app) {
  const every = cards(model);
  let shown = every;
  const seek = el("input", { type: "search", placeholder: "Find a shot or words", "aria-label": "Find a shot or words", on: { input: find } });
  const told = el("p", { class: "told", role: "status" });
  root.append(el("div", { class: "bar" }, seek, told));
  const list = virtual(root, {
    count: shown.length,
    label: "Shots",
    draw: (index) => card(model, app, shown[index], index, shown.length),
    size: () => size(root, model),
  });
  root.append(list.box);
  tell();

  function find() {
    const words = seek.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = every.filter((one) => words.every((word) => one.text().includes(word)));
    list.count(shown.length);
    tell();
  }

  function tell() {
    told.textContent = shown.length === every.length ? `${count(every.length)} cards` : `${count(shown.length)} of ${count(every.length)}`;
  }

  return {
    show: list.draw,
    apply: (_, index) => {
      const at = shown.findIndex((one) => one.all.includes(index));
      if (at >= 0) list.redraw(at);
    },
  };
}

// One card for each row of shots; for the rest, one for each instance that a model makes.
function cards(model) {
  const main = model.data.lanes.rows.some((row) => row.main);
  const found = [];
  const rest = [];
  for (const [number, row] of model.data.lanes.rows.entries()) {
    const all = model.row(number);
    if (row.main) found.push(about(model, row.title, all, number));
    else for (const i of all) if ((!main || model.instances[i].provider !== "local") && model.instances[i].picked !== false) {
      rest.push(about(model, row.title || model.instances[i].node, [i, ...model.takes(i).filter((j) => j !== i)], number));
    }
  }
  return [...found, ...rest];
}

function about(model, title, all, row) {
  const picked = all.filter((i) => model.instances[i].picked !== false);
  const inFilm = picked.find((i) => model.shots.has(i));
  const best = inFilm ?? [...picked].reverse().find((i) => model.picture(i)?.[1].kind === "video") ?? picked.at(-1) ?? all[0];
  let text = null;
  return {
    title, all, best, row,
    text: () => (text ??= [title, ...picked.flatMap((i) => [model.instances[i].address, model.prompt(i), model.instances[i].uses])].join(" ").toLowerCase()),
  };
}

function size(root, model) {
  const style = getComputedStyle(root);
  const inner = root.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const columns = Math.max(1, Math.floor((inner + GAP) / (WIDTH + GAP)));
  const width = (inner + GAP) / columns - GAP;
  return { columns, gap: GAP, height: Math.round(width / shape(model)) + WORDS };
}

// Width divided by height of the film, between a portrait and a wide screen.
function shape(model) {
  const medium = model.data.media[model.film.medium];
  return Math.min(2, Math.max(0.8, medium?.width ? medium.width / medium.height : 16 / 9));
}

function card(model, app, one, index, all) {
  const { best } = one;
  const instance = model.instances[best];
  const found = model.picture(best);
  const shot = model.shots.get(best)?.[0];
  const words = model.prompt(best);
  return el("div", { class: "card", role: "listitem", "aria-posinset": index + 1, "aria-setsize": all },
    el("button", {
      type: "button", class: "face", "aria-label": `${one.title}, ${instance.address}`,
      on: { click: () => app.select(best) },
    }, found ? poster(found[1], "") : el("span", { class: "blank wrote", text: model.text(best) })),
    el("div", { class: "caption" },
      el("h2", { title: instance.address }, shot ? el("span", { class: "number", text: String(shot.number) }) : null, ` ${one.title}`),
      el("span", { class: "time", text: shot ? timecode(shot.frame, model.film.fps) : found ? facts(found[1]).split(", ")[1] ?? "" : "" })),
    el("p", { class: "words", title: words, text: words || "no words" }),
    el("div", { class: "strip" }, small(model, app, one)),
    el("p", { class: "making" }, badge(model.state(best)), el("span", { class: "uses", text: modelName(instance.uses) }), el("span", { class: "usd", text: price(model, best) })));
}

// The takes, then what it was made from.
function small(model, app, one) {
  const takes = model.takes(one.best);
  const found = [];
  if (takes.length > 1) for (const i of takes) {
    const picture = model.picture(i);
    found.push(thumb(model, app, i, picture?.[0], `Take ${model.instances[i].take ?? 1}`, model.instances[i].picked !== false));
  }
  for (const [name, source, id] of model.references(one.best)) {
    if (found.length >= SMALL) break;
    found.push(thumb(model, app, source ?? one.best, id, `${name}: ${source === null ? model.data.media[id].name : model.instances[source].address}`));
  }
  return found.slice(0, SMALL);
}
