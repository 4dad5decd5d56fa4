// The section of the slots.

import { copyable } from './copyable.js';
import { el } from './dom.js';
import { Figure } from './figure.js';
import { age, bytes, count, rate } from './format.js';

export class Slots {
  constructor() {
    this.#open = new Figure('Open', 'slots', count);
    this.#waiting = new Figure('Waiting requests', 'waiting', count);
    this.#writes = new Figure('Writes a second', 'writes', rate);
    this.#written = new Figure('Written, not yet read');
    this.#empty = el('div', { class: 'empty' });
    this.element = el(
      'section',
      { id: 'slots', 'aria-labelledby': 'slots-title' },
      el('h2', { id: 'slots-title' }, 'Slots'),
      el('dl', { class: 'figures' }, ...this.#figures.map((figure) => figure.element)),
      this.#empty,
    );
  }

  #open;
  #waiting;
  #writes;
  #written;
  #empty;

  get #figures() {
    return [this.#open, this.#waiting, this.#writes, this.#written];
  }

  show(model) {
    const told = model.picture.get('slots');
    const oldest = told.oldest === null ? '' : `the oldest for ${age(model.now - told.oldest)}`;
    this.#open.show(count(told.slots));
    this.#waiting.show(count(told.waiting), oldest);
    this.#writes.show(rate(told.rate), `${count(told.writes)} since the start`);
    this.#written.show(count(told.written), told.stored ? bytes(told.stored) : '');
    const none = told.slots === 0 && told.writes === 0;
    this.#empty.hidden = !none;
    if (none && !this.#empty.hasChildNodes()) this.#empty.append(...explanation(model.picture.get('daemon')));
  }

  draw(model) {
    for (const figure of this.#figures) figure.draw(model);
  }
}

function explanation({ public: url }) {
  return [
    el('p', {}, 'No slot yet. A slot is an address where a read waits until somebody writes. Open one:'),
    copyable(`curl -X POST ${url ?? 'http://127.0.0.1:9095/'}hanger/open/`),
  ];
}
