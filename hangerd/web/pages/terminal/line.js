// One line of a screen: stretches of text, each in one style. Columns count code points.

/** @typedef {import('./style.js').Style} Style */
/** @typedef {{text: string, style: Style}} Stretch */

const PAIRS = /[\ud800-\udfff]/;

export class Line {
  /** @type {Stretch[]} */
  stretches = [];
  length = 0;
  /** Whether the line before was too long, and this is the rest of it. */
  continued = false;

  get text() {
    return this.stretches.map((stretch) => stretch.text).join('');
  }

  /** Write over what is at `column`, or behind the end. @param {number} column @param {string} text @param {Style} style */
  write(column, text, style) {
    const length = size(text);
    if (column < this.length) {
      const after = this.#cut(column + length);
      this.#keep(column);
      this.#append(text, length, style);
      after.forEach((stretch) => this.#append(stretch.text, size(stretch.text), stretch.style));
    } else {
      if (column > this.length) this.#append(' '.repeat(column - this.length), column - this.length, BLANK);
      this.#append(text, length, style);
    }
  }

  /** Blank from one column to before another; what is at the end goes. @param {number} from @param {number} to */
  erase(from, to) {
    if (to >= this.length) this.#keep(from);
    else this.write(from, ' '.repeat(to - from), BLANK);
  }

  #append(text, length, style) {
    if (!text) return;
    const last = this.stretches.at(-1);
    if (last?.style.key === style.key) last.text += text;
    else this.stretches.push({ text, style });
    this.length += length;
  }

  /** Forget all from a column on. */
  #keep(column) {
    if (column >= this.length) return;
    const kept = this.#slice(0, column);
    this.stretches = kept;
    this.length = column;
  }

  #cut(column) {
    return column < this.length ? this.#slice(column, this.length) : [];
  }

  /** @returns {Stretch[]} */
  #slice(from, to) {
    const found = [];
    let at = 0;
    for (const { text, style } of this.stretches) {
      const end = at + size(text);
      if (end > from && at < to) found.push({ text: part(text, Math.max(0, from - at), to - at), style });
      at = end;
    }
    return found;
  }
}

/** @type {Style} */
const BLANK = Object.freeze({ key: '||', classes: '', front: '', back: '' });

/** How many columns a text takes. @param {string} text */
export function size(text) {
  return PAIRS.test(text) ? [...text].length : text.length;
}

/** A part of a text by columns. @param {string} text @param {number} from @param {number} [to] */
export function part(text, from, to) {
  return PAIRS.test(text) ? [...text].slice(from, to).join('') : text.slice(from, to);
}
