// How long it takes, once a second; in tenths when it is over.

export class Clock {
  #timer = 0;
  #began = 0;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
  }

  start() {
    clearInterval(this.#timer);
    this.#began = performance.now();
    this.#show(0);
    this.#timer = setInterval(() => this.#show(Math.floor(this.#passed())), 1000);
  }

  /** @param {number} [seconds] by a better clock */
  stop(seconds = this.#passed()) {
    clearInterval(this.#timer);
    this.#show(seconds < 60 ? seconds.toFixed(1) : Math.round(seconds));
  }

  #passed() {
    return (performance.now() - this.#began) / 1000;
  }

  #show(seconds) {
    this.place.textContent = spoken(seconds);
  }
}

/** @param {number | string} seconds */
function spoken(seconds) {
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
