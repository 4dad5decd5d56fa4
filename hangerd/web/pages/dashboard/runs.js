// The section of the scripts that run.

import { ask } from './api.js';
import { confirmed } from './confirm.js';
import { copyable } from './copyable.js';
import { el, keep, say } from './dom.js';
import { Figure } from './figure.js';
import { age, bytes, count } from './format.js';

const WAITS = { thread: 'waits for a thread', visitor: 'waits for the visitor', '': 'runs' };

export class Runs {
  constructor() {
    this.#running = new Figure('Running', 'runs', count);
    this.#threads = new Figure('Threads');
    this.#list = el('ul', { class: 'rows', 'aria-label': 'Runs' });
    this.#empty = el('div', { class: 'empty' });
    this.element = el(
      'section',
      { id: 'runs', 'aria-labelledby': 'runs-title' },
      el('h2', { id: 'runs-title' }, 'Runs'),
      (this.#figures = el('dl', { class: 'figures' }, this.#running.element, this.#threads.element)),
      this.#list,
      this.#empty,
    );
  }

  #running;
  #threads;
  #figures;
  #list;
  #empty;
  #rows = new Map();

  show(model) {
    const threads = model.picture.get('threads');
    const ids = model.names('run/');
    this.#figures.hidden = !threads;
    if (threads) {
      this.#running.show(count(ids.length), threads.queued ? `${count(threads.queued)} wait for a thread` : '');
      const lost = threads.zombies ? `, ${count(threads.zombies)} given up` : '';
      this.#threads.show(`${count(threads.busy)} of ${count(threads.threads)}`, `busy${lost}`);
    }
    keep(this.#list, this.#rows, ids, (id) => new Row(id));
    for (const [id, row] of this.#rows) row.show(model.picture.get(`run/${id}`), model.now);
    this.#empty.hidden = ids.length > 0;
    if (!this.#empty.hidden && !this.#empty.hasChildNodes()) {
      this.#empty.append(...explanation(model.picture.get('daemon')));
    }
  }

  draw(model) {
    this.#running.draw(model);
  }
}

class Row {
  constructor(id) {
    this.#id = id;
    this.element = el(
      'li',
      { class: 'row' },
      el('div', { class: 'told' }, (this.#script = el('strong')), (this.#facts = el('span', { class: 'facts' }))),
      (this.#failed = el('p', { class: 'failed', role: 'alert' })),
      (this.#stop = el('button', { class: 'alarming', onclick: () => this.#end() }, 'Stop')),
    );
  }

  #id;
  #script;
  #facts;
  #failed;
  #stop;

  show(run, now) {
    const facts = [`for ${run.client}`, WAITS[run.waits_for], age(now - run.began), bytes(run.bytes)];
    const script = run.script.replace(/^\//, '');
    say(this.#script, script);
    say(this.#facts, facts.join(' · '));
    this.#stop.setAttribute('aria-label', `Stop ${script} for ${run.client}`);
  }

  async #end() {
    const script = this.#script.textContent;
    if (!(await confirmed(`Stop ${script}?`, 'Its visitor sees that it was ended.', 'Stop'))) return;
    this.#stop.disabled = true;
    say(this.#failed, '');
    try {
      await ask('POST', `-/runs/${encodeURIComponent(this.#id)}/stop`);
    } catch (error) {
      say(this.#failed, error.message);
      this.#stop.disabled = false;
    }
  }
}

function explanation({ public: url, root }) {
  if (root === null) {
    return [
      el('p', {}, 'No folder is served, so there are no scripts. Name one at the start:'),
      copyable('twistd -n --pidfile= hangerd --root FOLDER'),
    ];
  }
  const ask = `print("Hello, " + input("What is your name? "))`;
  return [
    el('p', {}, 'No script runs now. Each .py file of the folder is a page; this makes one:'),
    copyable(`echo '${ask}' > ${quoted(root)}/hello.py`),
    url && el('p', {}, 'Then open ', el('a', { href: `${url}hello.py` }, `${url}hello.py`), '.'),
  ].filter(Boolean);
}

const quoted = (path) => (/^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
