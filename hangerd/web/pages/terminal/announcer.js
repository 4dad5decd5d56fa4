// Tells a screen reader what is printed: whole lines, a few at a time, so that a progress bar or a flood of output
// does not talk for ever. The output itself can be read in its own region.

const PAUSE = 500; // milliseconds
const MOST = 12; // lines at once
const LEFT = 40; // lines that stay in the log

export class Announcer {
  #lines = [];
  #missed = 0;
  #timer = 0;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.element = document.createElement('div');
    this.element.className = 'unseen';
    this.element.setAttribute('role', 'log');
    this.element.setAttribute('aria-live', 'polite');
    this.element.setAttribute('aria-label', 'What the script says');
    place.append(this.element);
  }

  /** @param {string} line */
  say(line) {
    if (!line.trim()) return;
    if (this.#lines.length < MOST) this.#lines.push(line);
    else this.#missed += 1;
    this.#timer ||= setTimeout(() => this.#speak(), PAUSE);
  }

  #speak() {
    this.#timer = 0;
    if (this.#missed) this.#lines.push(`and ${this.#missed} more lines`);
    for (const line of this.#lines) {
      this.element.append(Object.assign(document.createElement('p'), { textContent: line }));
    }
    while (this.element.childElementCount > LEFT) this.element.firstElementChild.remove();
    this.#lines = [];
    this.#missed = 0;
  }
}
