// Makes elements. Texts are set as texts: nothing that comes from a document is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

// An element. given: `class`, `text`, `on` (name of an event → what is called), `style` (property → value), and
// attributes by their names; those that are null, undefined or false are left out. children: elements or texts.
export function el(tag, given = {}, ...children) {
  return filled(document.createElement(tag), given, children);
}

export function svg(tag, given = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), given, children);
}

export function clear(element) {
  element.replaceChildren();
  return element;
}

function filled(element, given, children) {
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.setAttribute("class", value);
    else if (name === "text") element.textContent = value;
    else if (name === "on") listen(element, value);
    else if (name === "style") restyle(element, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function listen(element, calls) {
  for (const [name, call] of Object.entries(calls)) element.addEventListener(name, call);
}

// Set style properties; through the object model, which the page's policy allows.
export function restyle(element, properties) {
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
}

// A list of buttons of which one is chosen. choices: [value, text]; chosen: the value; call: gets a value.
export function choice(label, choices, chosen, call) {
  const buttons = choices.map(([value, text]) =>
    el("button", {
      type: "button",
      text,
      "aria-pressed": String(value === chosen),
      on: {
        click: () => {
          for (const [i, [other]] of choices.entries()) buttons[i].setAttribute("aria-pressed", String(other === value));
          call(value);
        },
      },
    }),
  );
  return el("div", { class: "choice", role: "group", "aria-label": label }, buttons);
}
