// The stream of what the daemon does, taken up again for as long as the page is there.

import { knownAlready } from './session.js';

// The daemon gives a sign of life every 15 seconds.
const SILENCE = 40_000;
const LONGEST_PAUSE = 8_000;

export class Feed {
  /** `on` has `picture` and `change` for what comes, `state` for "live" or "lost", and `out` for signed out. */
  constructor(on) {
    this.#on = on;
    addEventListener('online', () => this.#hurry());
    document.addEventListener('visibilitychange', () => document.hidden || this.#hurry());
    this.#open();
  }

  #on;
  #source = null;
  #pause = 500;
  #timer = 0;

  #open() {
    const source = new EventSource('-/feed');
    this.#source = source;
    for (const name of ['picture', 'change', 'beat']) {
      source.addEventListener(name, ({ data }) => {
        this.#wait(SILENCE, () => this.#lost());
        if (name === 'picture') this.#pause = 500;
        this.#on[name]?.(JSON.parse(data));
        this.#on.state('live');
      });
    }
    source.addEventListener('error', () => this.#lost());
    this.#wait(SILENCE, () => this.#lost());
  }

  // We open it again ourselves: a browser gives up for good when a proxy answers in place of the daemon.
  #lost() {
    this.#source?.close();
    this.#source = null;
    this.#on.state('lost');
    this.#wait(this.#pause, () => this.#again());
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }

  async #again() {
    if ((await knownAlready()) === '') this.#on.out();
    else this.#open();
  }

  #hurry() {
    if (this.#source === null) this.#wait(0, () => this.#again());
  }

  #wait(milliseconds, then) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, milliseconds);
  }
}
