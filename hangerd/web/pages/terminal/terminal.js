// A terminal in a page: what is printed, and the line being typed. For any program: it knows nothing of runs.

import { Announcer } from './announcer.js';
import { Prompt } from './prompt.js';
import { Screen } from './screen.js';
import { ScreenView, nextFrame } from './view.js';

const BUSY = 8; // milliseconds of work in a frame, so that the page still answers

/** The classes of what is written by each stream. */
const STREAMS = { out: '', err: 'e', typed: 'typed', note: 'note' };

export class Terminal {
  #streams;
  #began = 0;
  #announced = 0;

  /**
   * @param {HTMLElement} place @param {import('./history.js').History} history
   * @param {(asking: boolean) => void} changed called when a question begins or ends
   */
  constructor(place, history, changed) {
    this.screen = new Screen();
    this.view = new ScreenView(place, this.screen, () => this.#announce());
    this.announcer = new Announcer(place);
    this.prompt = new Prompt(history, changed);
    this.clear();
    place.addEventListener('click', () => getSelection().isCollapsed && this.focus());
  }

  get asking() {
    return this.prompt.open;
  }

  /** All that is still kept of what was printed and typed. */
  get text() {
    const { dropped, text } = this.screen;
    return (dropped ? `[${dropped} older lines are not kept]\n` : '') + text;
  }

  /** Begin anew. */
  clear() {
    this.screen = new Screen();
    this.#streams = Object.fromEntries(Object.entries(STREAMS).map(([name, always]) => [name, this.screen.stream(always)]));
    this.#announced = 0;
    this.view.show(this.screen);
  }

  /** @param {string} text @param {'out' | 'err' | 'typed' | 'note'} [stream] */
  print(text, stream = 'out') {
    this.#streams[stream].feed(text);
    this.view.refresh();
  }

  /** Print a line of our own, on a line of its own. @param {string} text */
  note(text) {
    this.print(`${this.screen.current.length ? '\n' : ''}${text}\n`, 'note');
  }

  /** Resolves when there is time to print more: at once, or after the next frame. */
  async room() {
    if (performance.now() - this.#began < BUSY) return;
    await new Promise(nextFrame);
    this.#began = performance.now();
  }

  /**
   * Print a question and let it be answered. Gives {line}, or {end} with why there is none.
   * @param {string} question @param {boolean} [password]
   */
  async readline(question = '', password = false) {
    this.print(question);
    this.view.draw();
    const typed = this.prompt.ask(this.screen.current.text.trim(), password);
    if (this.asking) this.view.ask(this.prompt.element);
    this.focus();
    const { line, end } = await typed;
    if (end in MARKS) this.print(MARKS[end], 'typed');
    else if (!end) this.print(`${password ? '' : line}\n`, 'typed');
    return { line, end };
  }

  /** End the question without a line. @param {'eof' | 'interrupt' | 'cancel'} reason */
  end(reason) {
    this.prompt.end(reason);
  }

  /** Take the line away: nobody will ask any more. */
  close() {
    this.end('cancel');
    const focused = this.prompt.element.contains(document.activeElement);
    this.view.ask(null);
    if (focused) this.view.scroller.focus({ preventScroll: true });
  }

  /** Go to the line being typed. */
  focus() {
    if (this.asking) this.prompt.input.focus({ preventScroll: true });
  }

  /** Tell the lines that are whole since the last time. */
  #announce() {
    const { lines, dropped, row } = this.screen;
    for (let at = Math.max(this.#announced, dropped); at < row; at += 1) this.announcer.say(lines[at - dropped].text);
    this.#announced = Math.max(this.#announced, row);
  }
}

const MARKS = { eof: '^D\n', interrupt: '^C\n' };
