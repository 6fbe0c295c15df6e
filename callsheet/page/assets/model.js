// The document of a page (see callsheet/page/document.py), with what the views look up in it; and the state of
// each instance, which the events of a run change.

export const STATES = {
  made: { mark: "●", text: "made" },
  preview: { mark: "◐", text: "preview only" },
  todo: { mark: "○", text: "to make" },
  waiting: { mark: "◇", text: "waits for you" },
  failed: { mark: "▲", text: "failed" },
  working: { mark: "◌", text: "being made" },
  left: { mark: "–", text: "not needed" },
};
const WAITS = new Set(["blocked", "unknown", "declined"]);
const PERSON = new Set([...WAITS, "approve"]); // kinds of what is in the way that are no failure of the instance

export class Model {
  constructor(data) {
    this.live = new Map();
    this.read(data);
  }

  // Take a new document in the place of the old one; what is known of the live run stays.
  read(data) {
    if (data.version !== 1) throw new Error(`this page does not read version ${data.version} of its document`);
    this.data = data;
    this.instances = data.instances;
    this.film = data.film;
    this.index = new Map(this.instances.map((one, i) => [one.address, i]));
    this.users = this.instances.map(() => []);
    for (const [i, one] of this.instances.entries()) for (const need of one.needs ?? []) this.users[need].push(i);
    this.failed = new Set();
    for (const one of data.failures) {
      if (one.instance !== null && !one.settled && !PERSON.has(one.kind)) this.failed.add(one.instance);
    }
    this.cells = new Map();
    this.rows = data.lanes.rows.map(() => []);
    for (const [i, [row, column]] of data.lanes.places.entries()) {
      const name = `${row}/${column}`;
      if (!this.cells.has(name)) this.cells.set(name, []);
      this.cells.get(name).push(i);
      this.rows[row].push(i);
    }
    this.shots = new Map();
    for (const shot of this.film.shots) {
      if (shot.instance === null) continue;
      if (!this.shots.has(shot.instance)) this.shots.set(shot.instance, []);
      this.shots.get(shot.instance).push(shot);
    }
  }

  get run() {
    return this.data.runs.find((run) => run.name === this.data.shown) ?? null;
  }

  get seconds() {
    return this.data.media[this.film.medium]?.seconds ?? null;
  }

  // The instances in a row of the lanes.
  row(number) {
    return this.rows[number] ?? [];
  }

  // The instances at a place of the lanes: the takes of one, the picked one first.
  cell(row, column) {
    const found = this.cells.get(`${row}/${column}`) ?? [];
    return [...found].sort((a, b) => (this.instances[b].picked !== false) - (this.instances[a].picked !== false));
  }

  // Every take of an instance, in the order of their numbers.
  takes(index) {
    const [row, column] = this.data.lanes.places[index];
    const { node } = this.instances[index];
    return (this.cells.get(`${row}/${column}`) ?? [])
      .filter((i) => this.instances[i].node === node)
      .sort((a, b) => (this.instances[a].take ?? 1) - (this.instances[b].take ?? 1));
  }

  parameter(index, name) {
    return this.instances[index].parameters?.find((part) => part.name === name)?.value ?? "";
  }

  prompt(index) {
    const one = this.instances[index];
    return one.prompt ? this.parameter(index, one.prompt) : "";
  }

  // What an instance wrote, "" for none; a seed is none.
  text(index) {
    return Object.entries(this.instances[index].texts ?? {}).filter(([name]) => name !== "seed").map(([, text]) => text).join("\n");
  }

  // The medium that stands for an instance: [id, medium], a video before an image before sound; null for none.
  picture(index) {
    const ids = Object.values(this.instances[index].files ?? {}).flat();
    for (const kind of ["video", "image", "audio"]) {
      const id = ids.find((name) => this.data.media[name]?.kind === kind);
      if (id) return [id, this.data.media[id]];
    }
    return null;
  }

  // What an instance was made from that can be seen or heard: [name of the parameter, index or null, media id].
  references(index) {
    const found = [];
    for (const part of this.instances[index].parameters ?? []) {
      for (const id of part.media ?? []) found.push([part.name, null, id]);
      for (const source of part.sources ?? []) {
        const picture = this.picture(source);
        if (picture) found.push([part.name, source, picture[0]]);
      }
    }
    return found;
  }

  state(index) {
    const live = this.live.get(index)?.state;
    if (live) return live;
    const one = this.instances[index];
    if (this.failed.has(index)) return "failed";
    if (one.gate || WAITS.has(one.action)) return one.action === "unknown" && (this.picture(index) || this.text(index)) ? "preview" : "waiting";
    if (one.action === "skipped") return "left";
    if (one.action === "reuse") return "made";
    return Object.keys(one.files ?? {}).length || this.text(index) ? "preview" : "todo";
  }

  count(state) {
    let found = 0;
    for (let i = 0; i < this.instances.length; i += 1) found += this.state(i) === state ? 1 : 0;
    return found;
  }

  // Take an event of a run, as `callsheet run --output json` prints it. `event.shown` may bring what the page
  // shows of a new result: { files: output → media ids, media: id → medium }. Returns the index of the instance
  // that it is about, or null.
  apply(event) {
    const index = this.index.get(event.address) ?? null;
    if (index === null) return null;
    const now = this.live.get(index) ?? {};
    switch (event.event) {
      case "node_started":
        this.live.set(index, { state: "working", since: event.time, told: "" });
        break;
      case "node_progress":
        this.live.set(index, { ...now, state: "working", fraction: event.fraction });
        break;
      case "node_waiting":
        this.live.set(index, { ...now, state: "working", told: event.state, position: event.position });
        break;
      case "node_finished":
        this.failed.delete(index);
        this.live.set(index, { state: "made", usd: event.usd, seconds: event.seconds });
        break;
      case "node_failed":
        this.live.set(index, { state: "failed", told: event.message, next: event.next_step });
        break;
      case "node_gate":
        this.live.set(index, { ...now, state: event.gate === "open" ? "made" : "waiting" });
        break;
      case "node_blocked":
      case "node_interrupted":
        this.live.delete(index);
        break;
    }
    if (event.shown) {
      Object.assign(this.data.media, event.shown.media ?? {});
      this.instances[index].files = event.shown.files ?? this.instances[index].files;
    }
    return index;
  }
}
