// Makes elements. Every text becomes a text node, so nothing of a file or a model is ever read as HTML.
"use strict";

function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function byId(id) {
  return document.getElementById(id);
}

function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Tells what happened, to the eye and to screen readers. help: the next step.
function say(text, help = "", bad = false) {
  const place = byId("said");
  place.classList.toggle("bad", bad);
  place.textContent = help ? `${text} — ${help}` : text;
}

// Asks in a dialog. Resolves with the values of its fields, or null. fields: [{name, label, value, rows, kind}].
// careful: no key that was meant for the page before, or for a field, answers yes. no: the word for leaving.
function ask({ title, lines = [], fields = [], yes = "OK", no = "Cancel", wide = false, careful = false }) {
  return new Promise((resolve) => {
    const inputs = fields.map((field) =>
      field.rows
        ? el("textarea", { id: `ask-${field.name}`, rows: field.rows, value: field.value || "" })
        : el("input", { id: `ask-${field.name}`, type: field.kind || "text", value: field.value || "" }),
    );
    const form = el(
      "form",
      { method: "dialog" },
      el("h2", { id: "ask-title" }, title),
      lines.map((line) => (line instanceof Node ? line : el("p", {}, line))),
      fields.map((field, i) => el("p", {}, el("label", { htmlFor: `ask-${field.name}` }, field.label), inputs[i])),
      el("p", { className: "buttons" }, el("button", { type: "button", onclick: () => dialog.close("no") }, no),
        el("button", { value: "yes", className: "main", type: "submit" }, yes)),
    );
    const dialog = el("dialog", { className: wide ? "wide" : "" }, form);
    dialog.setAttribute("aria-labelledby", "ask-title");
    form.querySelectorAll("textarea").forEach((area) =>
      area.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) dialog.close("yes");
      }),
    );
    dialog.addEventListener("close", () => {
      const values = Object.fromEntries(fields.map((field, i) => [field.name, inputs[i].value]));
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? values : null);
    });
    document.body.append(dialog);
    dialog.showModal();
    if (careful) for (const input of inputs) input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    if (careful) form.querySelector("button").focus();
    else (inputs[0] || form.querySelector("button.main")).focus();
  });
}
