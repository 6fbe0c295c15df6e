// The page's way to the server: reads the state, sends what a person does, and hears what happens.
"use strict";

class LiveBackend {
  constructor() {
    this.buys = true;
    this.token = location.pathname.split("/")[1];
    this.stream = null;
  }

  actions() {
    return el("a", { href: "report", target: "_blank", rel: "noopener" }, "Report");
  }

  media(digest) {
    return `media/${digest}`;
  }

  // One picture of a video.
  still(digest) {
    return `still/${digest}`;
  }

  async read(name) {
    const reply = await fetch(name, { headers: { Accept: "application/json" } });
    const found = await reply.json();
    if (!reply.ok) throw Object.assign(new Error(found.error), { help: found.help });
    return found;
  }

  film() {
    return this.read("film.json");
  }

  notes() {
    return this.read("notes.json");
  }

  async act(name, asked) {
    const headers = { "Content-Type": "application/json", "X-Callsheet-Token": this.token };
    const reply = await fetch(`do/${name}`, { method: "POST", headers, body: JSON.stringify(asked) });
    const found = await reply.json();
    if (!reply.ok) throw Object.assign(new Error(found.error), { help: found.help });
    return found;
  }

  // Hears events while the page is seen: a browser gives few connections to all its pages.
  listen(app) {
    const open = () => {
      if (document.hidden || this.stream) return;
      const stream = (this.stream = new EventSource("events"));
      const heard = { run: (event) => app.run.take(event), progress: (event) => app.run.take(event), changed: () => app.later(), again: () => app.refresh(), note: (event) => say(event.text), failed: (event) => app.run.failed(event) };
      for (const [kind, act] of Object.entries(heard)) stream.addEventListener(kind, (event) => act(JSON.parse(event.data)));
      stream.addEventListener("open", () => app.connected(true));
      stream.addEventListener("error", () => app.connected(false));
    };
    const shut = () => {
      this.stream?.close();
      this.stream = null;
    };
    document.addEventListener("visibilitychange", () => (document.hidden ? shut() : (open(), app.refresh())));
    addEventListener("pagehide", shut);
    open();
  }
}
