// What a terminal shows: lines that grow at the end, a cursor among the last of them, and a limit to what is kept.
//
// Rules: lines have no width here (the page wraps them), but one longer than COLUMNS goes on in the next. The cursor
// moves within the last ROWS lines, as on a real screen; above them nothing changes any more, except that the oldest
// lines go when there are a tenth more than `most`, or more than `largest` characters. `dropped` counts those.

import { AnsiParser } from './ansi.js';
import { Line, part, size } from './line.js';
import { Pen } from './style.js';

export const ROWS = 24;
export const COLUMNS = 2000;
const TAB = 8;

export class Screen {
  /** @type {Line[]} */
  lines = [new Line()];
  dropped = 0;
  /** Lines to be drawn again. @type {Set<Line>} */
  changed = new Set();
  #row = 0;
  #column = 0;
  #saved = { up: 0, column: 0 };
  #characters = 0;
  #slack;

  /** @param {{most?: number, largest?: number}} [limits] lines, characters */
  constructor({ most = 5000, largest = 4_000_000 } = {}) {
    this.most = most;
    this.largest = largest;
    this.#slack = Math.ceil(most / 10);
  }

  /** Where text goes next. */
  get current() {
    return this.lines[this.#row];
  }

  /** The number of the cursor's line, counted from the first that ever was. */
  get row() {
    return this.dropped + this.#row;
  }

  /** All that is kept; a line that was too long is whole again. */
  get text() {
    return this.lines.map((line, at) => (at && !line.continued ? '\n' : '') + line.text).join('');
  }

  /** A stream that writes here, with colours of its own. @param {string} [always] a class of all that it writes */
  stream(always = '') {
    const pen = new Pen(always);
    return new AnsiParser({
      text: (text) => this.#put(text, pen.style),
      control: (character) => this.#control(character),
      escape: (final) => this.#escape(final),
      sequence: (final, parameters) => {
        if (final === 'm') pen.select(parameters);
        else this.#sequence(final, parameters.split(';').map(Number));
      },
    });
  }

  #put(text, style) {
    for (let rest = text; rest; ) {
      if (this.#column >= COLUMNS) this.#break();
      const room = COLUMNS - this.#column;
      const now = part(rest.slice(0, 2 * room), 0, room); // a column may take two units of the string
      this.#change((line) => line.write(this.#column, now, style));
      this.#column += size(now);
      rest = rest.slice(now.length);
    }
  }

  #break() {
    this.#feed();
    this.#column = 0;
    this.current.continued = true;
  }

  #change(write) {
    const line = this.current;
    const before = line.length;
    write(line);
    this.#characters += line.length - before;
    this.changed.add(line);
    if (this.#characters > this.largest) this.#drop();
  }

  #control(character) {
    if (character === '\n' || character === '\v' || character === '\f') {
      this.#feed();
      this.#column = 0;
    } else if (character === '\r') this.#column = 0;
    else if (character === '\t') this.#to(this.#column + TAB - (this.#column % TAB));
    else if (character === '\b') this.#column = Math.max(0, this.#column - 1);
  }

  #feed() {
    this.#row += 1;
    if (this.#row === this.lines.length) {
      this.lines.push(new Line());
      if (this.lines.length >= this.most + this.#slack) this.#drop();
    }
  }

  /** Let the oldest lines go while there is too much; many at once, which costs less than one by one. */
  #drop() {
    const over = this.lines.length - this.most;
    let count = 0;
    while (count < this.#row && (count < over || this.#characters > this.largest)) {
      this.#characters -= this.lines[count].length;
      this.changed.delete(this.lines[count]);
      count += 1;
    }
    this.lines.splice(0, count);
    this.#row -= count;
    this.dropped += count;
  }

  /** The first line of what a real screen would show. */
  get #top() {
    return Math.max(0, this.lines.length - ROWS);
  }

  #escape(final) {
    if (final === '7') this.#save();
    else if (final === '8') this.#restore();
    else if (final === 'M') this.#up(1);
  }

  #sequence(final, [first, second]) {
    const count = Math.max(1, first || 0);
    const moves = {
      A: () => this.#up(count),
      B: () => this.#down(count),
      C: () => this.#to(this.#column + count),
      D: () => this.#to(this.#column - count),
      E: () => (this.#down(count), this.#to(0)),
      F: () => (this.#up(count), this.#to(0)),
      G: () => this.#to(count - 1),
      H: () => this.#place(count, second || 1),
      f: () => this.#place(count, second || 1),
      J: () => this.#eraseScreen(first || 0),
      K: () => this.#eraseLine(first || 0),
      s: () => this.#save(),
      u: () => this.#restore(),
    };
    moves[final]?.();
  }

  #to(column) {
    this.#column = Math.min(COLUMNS - 1, Math.max(0, column));
  }

  #up(count) {
    this.#row = Math.max(this.#top, this.#row - count);
  }

  #down(count) {
    this.#row = Math.min(this.lines.length - 1, this.#row + count);
  }

  #place(row, column) {
    const wanted = this.#top + Math.min(row, ROWS) - 1;
    while (this.lines.length <= wanted && this.lines.length < ROWS) this.lines.push(new Line());
    this.#row = Math.min(wanted, this.lines.length - 1);
    this.#to(column - 1);
  }

  #save() {
    this.#saved = { up: this.lines.length - this.#row, column: this.#column };
  }

  #restore() {
    this.#row = Math.max(this.#top, this.lines.length - Math.max(1, this.#saved.up));
    this.#to(this.#saved.column);
  }

  #eraseLine(what) {
    const [from, to] = [[this.#column, Infinity], [0, this.#column + 1], [0, Infinity]][what] ?? [0, 0];
    this.#change((line) => line.erase(from, to));
  }

  #eraseScreen(what) {
    if (what > 2) return; // what has scrolled away stays
    const row = this.#row;
    const [from, to] = [[row + 1, this.lines.length], [this.#top, row], [this.#top, this.lines.length]][what];
    for (this.#row = from; this.#row < to; this.#row += 1) this.#change((line) => line.erase(0, Infinity));
    this.#row = row;
    if (what < 2) this.#eraseLine(what);
  }
}
