// Splits terminal text into what it says: text, control characters and control sequences (ECMA-48). Knows no screen.
//
// Rules: text comes in any pieces and the result is the same; half a sequence is kept for the next piece, but never
// more than LONGEST of it. Titles, links and other strings to the terminal (OSC, DCS, ...) leave no trace.

const LONGEST = 4096;
const TOKEN =
  /\x1b\[([0-?]*)[ -/]*([@-~])|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*([0-Z\\^-~])|([\x00-\x1a\x1c-\x1f\x7f]|\x1b)/g;
const PARTIAL = /\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?$/;

/**
 * @typedef {object} Target
 * @property {(text: string) => void} text  to be shown
 * @property {(character: string) => void} control  a C0 character
 * @property {(final: string, parameters: string) => void} sequence  CSI: `K` and `2` of ESC [ 2 K
 * @property {(final: string) => void} escape  `M` of ESC M
 */

export class AnsiParser {
  #target;
  #rest = '';

  /** @param {Target} target is told what comes, in order */
  constructor(target) {
    this.#target = target;
  }

  /** @param {string} piece */
  feed(piece) {
    let text = this.#rest + piece;
    const partial = text.includes('\x1b') ? PARTIAL.exec(text) : null;
    this.#rest = partial && partial[0].length <= LONGEST ? partial[0] : '';
    if (this.#rest) text = text.slice(0, partial.index);
    let end = 0;
    for (const token of text.matchAll(TOKEN)) {
      if (token.index > end) this.#target.text(text.slice(end, token.index));
      end = token.index + token[0].length;
      const [, parameters, final, escape, control] = token;
      if (final) this.#target.sequence(final, parameters);
      else if (escape) this.#target.escape(escape);
      else if (control && control !== '\x1b') this.#target.control(control);
    }
    if (end < text.length) this.#target.text(text.slice(end));
  }
}
