// The graph in lanes: shots are rows, stages are columns, and lines say what is made from what. The places come
// with the document. Lines of what everything needs would cover the rest: they are drawn for the chosen instance.

import { el, restyle, svg } from "./dom.js";
import { count, plural } from "./format.js";
import { poster } from "./media.js";
import { STATES } from "./model.js";
import { badge, price } from "./parts.js";
import { virtual } from "./virtual.js";

const [ROW, COLUMN, HEAD] = [72, 208, 36]; // pixels
const [CELL, TALL] = [176, 56]; // of a cell
const names = () => (innerWidth < 760 ? 84 : 132); // of the names of the rows
const HUB = 6; // needs or users from which on an instance is a hub, whose lines are not drawn

export const graph = { id: "graph", title: () => "Graph", render };

function render(root, model, app) {
  const { columns, rows } = model.data.lanes;
  const width = names() + columns.length * COLUMN;
  const lines = svg("svg", { class: "lines", "aria-hidden": "true" });
  const head = el("div", { class: "lanehead", "aria-hidden": "true" },
    columns.map((name, i) => el("span", { style: { left: `${names() + i * COLUMN}px`, width: `${CELL}px` }, title: name, text: name })));
  const list = virtual(root, {
    count: rows.length,
    label: `${plural(rows.length, "row")} of ${plural(columns.length, "stage")}`,
    draw: (row) => lane(model, app, row),
    size: () => ({ height: ROW, columns: 1 }),
    drawn: link,
  });
  restyle(list.box, { width: `${width}px` });
  restyle(head, { width: `${width}px`, height: `${HEAD}px` });
  list.box.prepend(lines);
  root.append(el("p", { class: "told", text: `${plural(model.instances.length, "instance")}; choose one to see all that it is made from, and what is made from it` }),
    el("div", { class: "lanes", style: { width: `${width}px` } }, head, list.box));

  // The lines between the rows that are drawn, and all of the chosen instance.
  function link(first, last) {
    const found = new Map();
    for (let row = first; row < last; row += 1) for (const i of model.row(row)) if (!hub(i)) add(i, false);
    if (app.selected !== null) for (const i of [app.selected, ...model.users[app.selected]]) add(i, true);
    restyle(lines, { top: `${first * ROW}px`, height: `${(last - first) * ROW}px` });
    const paths = [...found.values()].map(([from, to, strong]) => path(model, from, to, strong, first * ROW));
    lines.replaceChildren(...paths.filter(Boolean));

    function add(i, chosen) {
      for (const need of model.instances[i].needs ?? []) {
        const strong = chosen && (i === app.selected || need === app.selected);
        if (strong || (!chosen && model.users[need].length <= HUB)) found.set(`${need}/${i}`, [need, i, strong]);
      }
    }
  }

  function hub(i) {
    return (model.instances[i].needs ?? []).length > HUB;
  }

  return {
    show: list.draw,
    select: list.draw,
    apply: (_, index) => index !== null && list.redraw(model.data.lanes.places[index][0]),
  };
}

function path(model, from, to, strong, top) {
  const [[row, column], [end, stop]] = [model.data.lanes.places[from], model.data.lanes.places[to]];
  if (row === end && column === stop) return null;
  const [x, y] = [names() + column * COLUMN + CELL, row * ROW + ROW / 2 - top];
  const [u, v] = [names() + stop * COLUMN, end * ROW + ROW / 2 - top];
  const bend = Math.max(20, Math.abs(u - x) / 2);
  return svg("path", { d: `M${x} ${y} C${x + bend} ${y} ${u - bend} ${v} ${u} ${v}`, class: strong ? "strong" : null });
}

function lane(model, app, row) {
  const about = model.data.lanes.rows[row];
  const item = el("div", { class: `lane${about.main ? "" : " shared"}`, role: "listitem" },
    el("span", { class: "lanename", title: about.axis ? `${about.axis} ${about.title}` : null, text: about.title || (row === 0 ? "film" : "") }));
  for (let column = 0; column < model.data.lanes.columns.length; column += 1) {
    const found = model.cell(row, column);
    if (found.length) item.append(cell(model, app, found, column));
  }
  return item;
}

function cell(model, app, takes, column) {
  const [index] = takes;
  const one = model.instances[index];
  const state = model.state(index);
  const more = takes.length > 1 ? `${count(takes.length)} takes` : price(model, index);
  return el("button", {
    type: "button", class: `cell ${state}`, style: { left: `${names() + column * COLUMN}px`, width: `${CELL}px`, height: `${TALL}px` },
    "aria-label": `${one.address}, ${STATES[state].text}${more ? `, ${more}` : ""}`, "aria-current": takes.includes(app.selected) ? "true" : null,
    on: { click: () => app.select(index) },
  }, poster(model.picture(index)?.[1], ""), el("span", { class: "celltext" }, el("span", { class: "cellname", text: one.node.split("/").at(-1) }),
    el("span", { class: "cellstate" }, badge(state, true), el("span", { class: "usd", text: more }))));
}
