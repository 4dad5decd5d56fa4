// A terminal made of page elements: text flows, and the line being typed stands where the program asked for it.

import { Closed } from '../hanger/client.js';

export class Screen {
  /** Ends the line being typed: (line) => void and (error) => void; null while nothing is asked. */
  #pending = null;

  /** @param {HTMLElement} element @param {() => void} changed called when a question begins or ends */
  constructor(element, changed) {
    this.element = element;
    this.changed = changed;
    element.addEventListener('click', () => getSelection().isCollapsed && element.querySelector('input')?.focus());
  }

  get asking() {
    return this.#pending !== null;
  }

  clear() {
    this.element.replaceChildren();
  }

  /** @param {string} text @param {'' | 'typed' | 'error' | 'note'} [kind] */
  print(text, kind = '') {
    const last = this.element.lastElementChild;
    if (last?.tagName === 'SPAN' && last.className === kind) last.append(text);
    else this.element.append(Object.assign(document.createElement('span'), { className: kind, textContent: text }));
    this.element.scrollTop = this.element.scrollHeight;
  }

  /** The user's next line. Throws Closed when end() comes first. @returns {Promise<string>} */
  async readline() {
    const form = document.createElement('form');
    const input = document.createElement('input');
    form.className = 'ask';
    Object.assign(input, { autocomplete: 'off', autocapitalize: 'off', spellcheck: false });
    Object.assign(input, { enterKeyHint: 'send', ariaLabel: 'Your answer' });
    form.append(input);
    form.addEventListener('submit', (event) => (event.preventDefault(), this.#pending.resolve(input.value)));
    input.addEventListener('keydown', (event) => this.#control(event, input));
    this.element.append(form);
    input.focus({ preventScroll: true });
    this.element.scrollTop = this.element.scrollHeight;
    try {
      const line = await new Promise((resolve, reject) => {
        this.#pending = { resolve, reject };
        this.changed();
      });
      this.#leave(form, `${line}\n`);
      return line;
    } catch (closed) {
      this.#leave(form, closed.reason === 'eof' ? '^D' : '^C\n');
      throw closed;
    }
  }

  /** End the question without a line. @param {'eof' | 'interrupt' | 'cancel'} reason */
  end(reason) {
    this.#pending?.reject(new Closed(reason));
  }

  /** Put what was typed in the place of the question. @param {HTMLFormElement} form @param {string} text */
  #leave(form, text) {
    form.remove();
    this.print(text, 'typed');
    this.#pending = null;
    this.changed();
  }

  /** @param {KeyboardEvent} event @param {HTMLInputElement} input */
  #control(event, input) {
    if (!event.ctrlKey) return;
    if (event.key === 'd' && input.value === '') this.end('eof');
    else if (event.key === 'c' && input.selectionStart === input.selectionEnd) this.end('interrupt');
    else return;
    event.preventDefault();
  }
}
