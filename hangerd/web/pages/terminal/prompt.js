// The line being typed, where the program asked for it: history by Up and Down, Ctrl+D at its start for the end of the
// input, Ctrl+C with nothing selected for an interrupt. What is pasted in several lines answers as many questions.

export class Prompt {
  #history;
  #pasted = [];
  #settle = null;

  /** @param {import('./history.js').History} history @param {(open: boolean) => void} changed a question begins or ends */
  constructor(history, changed) {
    this.#history = history;
    this.changed = changed;
    this.input = document.createElement('input');
    Object.assign(this.input, { autocomplete: 'off', autocapitalize: 'off', spellcheck: false, enterKeyHint: 'send' });
    this.input.setAttribute('autocorrect', 'off');
    this.element = document.createElement('form');
    this.element.className = 'prompt';
    this.element.append(this.input);
    this.element.addEventListener('submit', (event) => (event.preventDefault(), this.#enter(this.input.value)));
    this.input.addEventListener('keydown', (event) => this.#key(event));
    this.input.addEventListener('paste', (event) => this.#paste(event));
    if (!CSS.supports('field-sizing', 'content')) this.input.addEventListener('input', () => this.#widen());
  }

  get open() {
    return this.#settle !== null;
  }

  /**
   * What the user types: {line}, or {end} for the reason why there is none: 'eof', 'interrupt', 'cancel'.
   * @param {string} label for who cannot see the question @param {boolean} password
   * @returns {Promise<{line?: string, end?: 'eof' | 'interrupt' | 'cancel'}>}
   */
  ask(label, password) {
    this.#finish({ end: 'cancel' });
    Object.assign(this.input, { type: password ? 'password' : 'text', value: '', ariaLabel: label || 'Input' });
    this.#widen();
    this.element.classList.remove('resting');
    const typed = new Promise((resolve) => (this.#settle = resolve));
    this.changed(true);
    if (this.#pasted.length) this.#enter(this.#pasted.shift());
    return typed;
  }

  /** End the question without a line. @param {'eof' | 'interrupt' | 'cancel'} reason */
  end(reason) {
    this.#pasted = [];
    this.#finish({ end: reason });
  }

  #enter(line) {
    if (!this.open) return;
    if (this.input.type !== 'password') this.#history.add(line);
    this.#finish({ line });
  }

  #finish(result) {
    const settle = this.#settle;
    this.#settle = null;
    if (!settle) return;
    this.input.value = '';
    this.input.ariaLabel = 'No question now';
    this.element.classList.add('resting');
    this.changed(false);
    settle(result);
  }

  #key(event) {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (!this.open) return;
    const { value, selectionStart, selectionEnd } = this.input;
    if (ctrlKey && key === 'd' && value === '') this.end('eof');
    else if (ctrlKey && key === 'c' && selectionStart === selectionEnd && getSelection().isCollapsed) this.end('interrupt');
    else if (ctrlKey && key === 'u') this.input.value = value.slice(selectionEnd);
    else if ((key === 'ArrowUp' || key === 'ArrowDown') && !ctrlKey && !metaKey && !altKey) this.#recall(key === 'ArrowUp' ? -1 : 1);
    else return;
    event.preventDefault();
  }

  #recall(step) {
    if (this.input.type === 'password') return;
    const line = this.#history.walk(step, this.input.value);
    if (line === null) return;
    this.input.value = line;
    this.input.setSelectionRange(line.length, line.length);
    this.#widen();
  }

  #paste(event) {
    const lines = event.clipboardData?.getData('text').split(/\r\n|\r|\n/) ?? [];
    if (lines.length < 2) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = this.input;
    const [first, ...rest] = lines;
    this.#pasted = rest.at(-1) === '' ? rest.slice(0, -1) : rest;
    this.#enter(value.slice(0, selectionStart) + first + value.slice(selectionEnd));
  }

  #widen() {
    if (!CSS.supports('field-sizing', 'content')) this.input.style.width = `${this.input.value.length + 4}ch`;
  }
}
