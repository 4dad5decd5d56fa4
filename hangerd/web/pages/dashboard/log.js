// The log of a host as it is written, with a search.

import { el, say } from './dom.js';
import { count, plural } from './format.js';

const MOST = 2000;
const LINE = /^(\S+Z) (\d+) (stdout|stderr|hangerd) ([^]*)$/;

export class LogView {
  constructor(name) {
    this.#url = `hosts/${encodeURIComponent(name)}/log?lines=${MOST}&follow`;
    this.#search = el('input', { type: 'search', placeholder: 'Search', 'aria-label': `Search the log of ${name}`, oninput: () => this.#filter() });
    this.#follow = el('input', { type: 'checkbox', checked: true, onchange: () => this.#toEnd() });
    this.#lines = el('div', { class: 'log', role: 'log', tabindex: '0', 'aria-label': `Log of ${name}`, 'aria-live': 'off', onscroll: () => this.#scrolled() });
    this.element = el(
      'details',
      // One log at a time: a browser has six connections to us, for all of its tabs.
      { class: 'fold', name: 'log', ontoggle: () => (this.element.open ? this.#open() : this.#close()) },
      el('summary', {}, 'Log'),
      el('div', { class: 'tools' }, this.#search, el('label', { class: 'check' }, this.#follow, 'Follow'), (this.#found = el('span', { class: 'facts', role: 'status' }))),
      this.#lines,
    );
  }

  #url;
  #search;
  #follow;
  #lines;
  #found;
  #source = null;
  #texts = [];
  #coming = [];
  #timer = 0;

  /** Open it again after the connection was lost, if it is to be seen. */
  resume() {
    if (this.element.open && this.#source?.readyState !== EventSource.OPEN) this.#open();
  }

  #open() {
    this.#close();
    this.#source = new EventSource(this.#url);
    // The daemon begins with the last lines each time.
    this.#source.addEventListener('open', () => this.#clear());
    this.#source.addEventListener('message', ({ data }) => this.#take(data));
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }

  #clear() {
    this.#texts = [];
    this.#coming = [];
    this.#lines.replaceChildren();
  }

  #take(text) {
    this.#coming.push(text);
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      this.#add(this.#coming.splice(0));
    }, 50);
  }

  #add(texts) {
    this.#texts.push(...texts);
    this.#texts.splice(0, Math.max(0, this.#texts.length - MOST));
    const shown = texts.filter((text) => this.#matches(text)).slice(-MOST);
    this.#lines.append(...shown.map((text) => line(text, this.#wanted)));
    while (this.#lines.childElementCount > MOST) this.#lines.firstElementChild.remove();
    this.#count();
    this.#toEnd();
  }

  #filter() {
    this.#lines.replaceChildren(...this.#texts.filter((text) => this.#matches(text)).map((text) => line(text, this.#wanted)));
    this.#count();
    this.#toEnd();
  }

  get #wanted() {
    return this.#search.value.trim().toLowerCase();
  }

  #matches(text) {
    return text.toLowerCase().includes(this.#wanted);
  }

  #count() {
    const [found, all] = [this.#lines.childElementCount, this.#texts.length];
    say(this.#found, this.#wanted ? `${count(found)} of ${plural(all, 'line')}` : plural(all, 'line'));
  }

  #toEnd() {
    if (this.#follow.checked) this.#lines.scrollTop = this.#lines.scrollHeight;
  }

  // Who scrolls back wants to read; who scrolls to the end wants to follow.
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#lines;
    this.#follow.checked = scrollHeight - scrollTop - clientHeight < 24;
  }
}

function line(text, wanted) {
  const [, time, instance, stream, said] = LINE.exec(text) ?? [null, '', '', 'hangerd', text];
  const when = el('span', { class: 'when', title: time }, time && `${new Date(time).toLocaleTimeString('en-GB')} ${instance}`);
  return el('p', { 'data-stream': stream }, when, ' ', ...marked(said, wanted));
}

function marked(text, wanted) {
  if (!wanted) return [text];
  const parts = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), el('mark', {}, text.slice(at, at + wanted.length)));
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}
