// How a piece of text looks, and how SGR (`ESC [ ... m`) changes that: styles are values, equal when their `key` is.
//
// The sixteen named colours are classes (f0 to f15 in front, k0 to k15 behind), so that a style sheet chooses them by
// light and dark; the other colours of xterm's 256 and true colours are values of their own.

/** @typedef {{key: string, classes: string, front: string, back: string}} Style  front, back: '#rrggbb' or '' */

const FLAGS = { 1: 'b', 2: 'd', 3: 'i', 4: 'u', 7: 'v', 9: 'x' };
const OFF = { 22: ['b', 'd'], 23: ['i'], 24: ['u'], 27: ['v'], 29: ['x'] };
const LEVELS = [0, 95, 135, 175, 215, 255];

/** Changes as a stream's SGR sequences say. */
export class Pen {
  #always;
  #flags = new Set();
  #colours = { f: '', k: '' };

  /** @param {string} [always] a class of all that this pen writes */
  constructor(always = '') {
    this.#always = always;
    this.style = this.#made();
  }

  /** @param {string} parameters as in `1;38;5;208` */
  select(parameters) {
    const codes = parameters.split(/[;:]/).map((code) => Number(code) || 0);
    while (codes.length) this.#take(codes.shift(), codes);
    this.style = this.#made();
  }

  #take(code, codes) {
    if (code === 0) {
      this.#flags.clear();
      this.#colours = { f: '', k: '' };
    } else if (code in FLAGS) this.#flags.add(FLAGS[code]);
    else if (code in OFF) OFF[code].forEach((flag) => this.#flags.delete(flag));
    else if (code === 38 || code === 48) this.#colours[code === 38 ? 'f' : 'k'] = extended(codes);
    else if (code === 39) this.#colours.f = '';
    else if (code === 49) this.#colours.k = '';
    else if (code % 10 < 8) this.#name(Math.floor(code / 10), code % 10);
  }

  #name(tens, number) {
    if (tens === 3 || tens === 4) this.#colours[tens === 3 ? 'f' : 'k'] = number;
    if (tens === 9 || tens === 10) this.#colours[tens === 9 ? 'f' : 'k'] = number + 8;
  }

  #made() {
    const names = [this.#always, ...[...this.#flags].sort()].filter(Boolean);
    const values = {};
    for (const ground of ['f', 'k']) {
      const colour = this.#colours[ground];
      if (typeof colour === 'number') names.push(ground + colour);
      else values[ground] = colour;
    }
    const classes = names.join(' ');
    const { f: front = '', k: back = '' } = values;
    return Object.freeze({ key: `${classes}|${front}|${back}`, classes, front, back });
  }
}

/** The colour after 38 or 48, whose codes it takes; '' for the default where they make no sense. */
function extended(codes) {
  const mode = codes.shift();
  const values = codes.splice(0, { 5: 1, 2: 3 }[mode] ?? 0);
  if (values.length === 0 || values.some((value) => value > 255)) return '';
  if (mode === 2) return values.length === 3 ? hex(values) : '';
  const [index] = values;
  if (index < 16) return index;
  if (index >= 232) return hex(Array(3).fill(8 + 10 * (index - 232)));
  const cube = index - 16;
  return hex([cube / 36, (cube / 6) % 6, cube % 6].map((level) => LEVELS[Math.floor(level)]));
}

/** @param {number[]} rgb */
const hex = (rgb) => `#${rgb.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
