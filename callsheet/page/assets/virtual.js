// Draws only what is seen: items of one height in rows, in a box that is as high as all of them.

import { el, restyle } from "./dom.js";

const MORE = 2; // rows that are drawn above and below what is seen
const PRINTED = 400; // items at most that are printed

// scroller: the element that scrolls. given: count, draw(index) → an element, size() → { height, columns, gap } in
// pixels, role and label of the list, and drawn(first, last), which is told what is drawn. Returns { box, draw, redraw(index), show(index), count(number) }.
export function virtual(scroller, given) {
  const box = el("div", { class: "virtual", role: given.role ?? "list", "aria-label": given.label });
  const shown = new Map();
  const at = { count: given.count, size: given.size(), asked: false };

  function place(index, item) {
    const { height, columns, gap = 0 } = at.size;
    const [row, column] = [Math.floor(index / columns), index % columns];
    restyle(item, {
      top: `${row * (height + gap)}px`,
      height: `${height}px`,
      left: `calc((100% + ${gap}px) * ${column} / ${columns})`,
      width: `calc((100% + ${gap}px) / ${columns} - ${gap}px)`,
    });
  }

  function range() {
    const { height, columns, gap = 0 } = at.size;
    const top = scroller.getBoundingClientRect().top - box.getBoundingClientRect().top;
    const first = Math.floor(top / (height + gap)) - MORE;
    const last = Math.ceil((top + scroller.clientHeight) / (height + gap)) + MORE;
    return [Math.max(0, first * columns), Math.min(at.count, Math.max(0, last * columns))];
  }

  function fill(first, last) {
    for (const [index, item] of shown) {
      if (index >= first && index < last) continue;
      if (item.contains(document.activeElement)) continue; // focus is never lost by scrolling
      item.remove();
      shown.delete(index);
    }
    for (let index = first; index < last; index += 1) {
      if (shown.has(index)) continue;
      const item = given.draw(index);
      place(index, item);
      shown.set(index, item);
      insert(index, item);
    }
    given.drawn?.(first, last);
  }

  // In the order of their numbers, for who reads with the keyboard or hears the page.
  function insert(index, item) {
    let [next, best] = [null, Infinity];
    for (const [other, element] of shown) if (other > index && other < best) [best, next] = [other, element];
    box.insertBefore(item, next);
  }

  function draw() {
    at.asked = false;
    if (box.isConnected && box.offsetParent !== null) fill(...range());
  }

  function ask() {
    if (!at.asked) {
      at.asked = true;
      requestAnimationFrame(draw);
    }
  }

  function resize() {
    at.size = given.size();
    const rows = Math.ceil(at.count / at.size.columns);
    restyle(box, { height: `${Math.max(0, rows * (at.size.height + (at.size.gap ?? 0)) - (at.size.gap ?? 0))}px` });
    for (const [index, item] of shown) place(index, item);
    ask();
  }

  function redraw(index) {
    const old = shown.get(index);
    if (!old) return;
    const item = given.draw(index);
    place(index, item);
    old.replaceWith(item);
    shown.set(index, item);
  }

  function count(number) {
    at.count = number;
    for (const item of shown.values()) item.remove();
    shown.clear();
    resize();
    draw();
  }

  // Scroll an item into view and give the focus to what is in it that takes it.
  function show(index) {
    const { height, columns, gap = 0 } = at.size;
    const top = box.offsetTop + Math.floor(index / columns) * (height + gap);
    const [seen, end] = [scroller.scrollTop, scroller.scrollTop + scroller.clientHeight];
    if (top < seen + 60) scroller.scrollTop = top - 60;
    else if (top + height > end) scroller.scrollTop = top + height - scroller.clientHeight + 12;
    draw();
    (shown.get(index)?.matches("button, a") ? shown.get(index) : shown.get(index)?.querySelector("button, a"))?.focus({ preventScroll: true });
  }

  // Arrow keys, Home and End go from item to item.
  box.addEventListener("keydown", (event) => {
    const from = [...shown].find(([, item]) => item.contains(event.target))?.[0];
    if (from === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const { columns } = at.size;
    const steps = { ArrowDown: columns, ArrowUp: -columns, Home: -from, End: at.count - 1 - from };
    if (columns > 1) Object.assign(steps, { ArrowRight: 1, ArrowLeft: -1 });
    const to = from + (steps[event.key] ?? NaN);
    if (!Number.isInteger(to) || to < 0 || to >= at.count) return;
    event.preventDefault();
    show(to);
  });
  scroller.addEventListener("scroll", ask, { passive: true });
  new ResizeObserver(resize).observe(box);
  addEventListener("beforeprint", () => fill(0, Math.min(at.count, PRINTED)));
  addEventListener("afterprint", ask);
  resize();
  return { box, draw: ask, redraw, show, count };
}
