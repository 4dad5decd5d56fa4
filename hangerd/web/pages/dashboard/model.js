// What the daemon told last, and the numbers of the last 15 minutes, which go on when it tells nothing new.

export class Model {
  constructor() {
    this.picture = new Map();
    this.series = new Map();
  }

  /** Take a whole picture, in place of all before. */
  show({ now, picture, history }) {
    this.#setClock(now);
    this.picture = new Map(Object.entries(picture));
    this.every = history.every;
    this.steps = history.steps;
    this.series = new Map(Object.entries(history.series));
    this.#anchor = { count: history.count, now };
    this.count = history.count;
  }

  /** Take what has changed. */
  change({ now, changed, gone, point }) {
    this.#setClock(now);
    for (const [key, value] of Object.entries(changed)) this.picture.set(key, value);
    for (const key of gone) this.picture.delete(key);
    if (point) this.#place(point, now);
  }

  /** The daemon's clock, in seconds. */
  get now() {
    return this.#offset + performance.now() / 1000;
  }

  /** The names behind a prefix, such as those of the hosts behind "host/", in order. */
  names(prefix) {
    const found = [...this.picture.keys()].filter((key) => key.startsWith(prefix));
    return found.map((key) => key.slice(prefix.length));
  }

  /** The values of a series, the last one being of now; null where there was none. */
  values(name) {
    this.#fill(this.#anchor.count + Math.floor((this.now - this.#anchor.now) / this.every));
    const values = this.series.get(name) ?? [];
    return [...new Array(Math.max(0, this.steps - values.length)).fill(null), ...values];
  }

  #offset = 0;
  #anchor = { count: 0, now: 0 };

  #setClock(now) {
    this.#offset = now - performance.now() / 1000;
  }

  // A step that the daemon says nothing of is as the one before it.
  #fill(count) {
    for (; this.count < count; this.count += 1) {
      for (const values of this.series.values()) this.#push(values, values.at(-1) ?? null);
    }
  }

  #place({ count, values }, now) {
    this.#fill(count);
    const length = Math.min(this.count, this.steps);
    const back = this.count - count;
    for (const name of Object.keys(values)) {
      if (!this.series.has(name)) this.series.set(name, new Array(length).fill(null));
    }
    for (const [name, known] of this.series) {
      // Our clock may be ahead by a step, which then was as this one.
      for (let at = Math.max(0, known.length - 1 - back); at < known.length; at += 1) known[at] = values[name] ?? null;
      if (known.every((value) => value === null)) this.series.delete(name);
    }
    this.#anchor = { count, now };
  }

  #push(values, value) {
    values.push(value);
    if (values.length > this.steps) values.shift();
  }
}
