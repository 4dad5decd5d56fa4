// The section of the hosts.

import { copyable } from './copyable.js';
import { el, keep, say } from './dom.js';
import { HostCard } from './host.js';

const SETTINGS = '[hosts.greeter]\nkind = "python"\npath = "greeter.py"';
const MODULE = 'def greet(name):\n    return f"Hello, {name}"';

export class Hosts {
  constructor() {
    this.#list = el('div', { class: 'cards' });
    this.#news = el('p', { class: 'unseen', role: 'status' });
    this.#empty = el(
      'div',
      { class: 'empty' },
      el('p', {}, 'No host yet. A host is a process that stays warm, and whose functions are one call away. In hangerd.toml:'),
      copyable(SETTINGS),
      el('p', {}, 'and beside it, in ', el('code', {}, 'greeter.py'), ':'),
      copyable(MODULE),
    );
    this.element = el(
      'section',
      { id: 'hosts', 'aria-labelledby': 'hosts-title' },
      el('h2', { id: 'hosts-title' }, 'Hosts'),
      this.#news,
      this.#list,
      this.#empty,
    );
  }

  #list;
  #news;
  #empty;
  #cards = new Map();

  show(model) {
    const names = model.names('host/').sort();
    this.#empty.hidden = names.length > 0;
    keep(this.#list, this.#cards, names, (name) => new HostCard(name, (news) => say(this.#news, news)));
    for (const [name, card] of this.#cards) card.show(model.picture.get(`host/${name}`), model.now);
  }

  draw(model) {
    for (const card of this.#cards.values()) card.draw(model);
  }

  /** Take up again what was cut. */
  resume() {
    for (const card of this.#cards.values()) card.resume();
  }
}
