// A form that calls a function of a host with JSON, and shows what comes back, also bit by bit.

import { refusal } from './api.js';
import { el, say } from './dom.js';
import { took } from './format.js';

const LONGEST = 200_000;
let forms = 0;

export class CallForm {
  constructor(name) {
    forms += 1;
    const id = (part) => `call-${forms}-${part}`;
    this.#url = (fn, as) => `hosts/${encodeURIComponent(name)}/function/${encodeURIComponent(fn)}${as}`;
    this.#known = el('datalist', { id: id('known') });
    this.#function = el('input', { id: id('function'), list: id('known'), required: true, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' });
    this.#passing = el('select', { id: id('passing') }, el('option', { value: '' }, 'one value'), el('option', { value: '?as=arguments' }, 'args and kwargs'));
    this.#json = el('textarea', { id: id('json'), rows: '3', spellcheck: 'false', autocapitalize: 'off', 'aria-describedby': id('said') }, '{}');
    this.#passing.addEventListener('change', () => this.#suggest());
    this.#result = el('pre', { class: 'result', tabindex: '0', 'aria-label': 'Result', hidden: true });
    this.element = el(
      'details',
      { class: 'fold' },
      el('summary', {}, 'Call a function'),
      el(
        'form',
        { class: 'call', onsubmit: (event) => this.#submit(event) },
        el('p', { class: 'field' }, el('label', { for: id('function') }, 'Function'), this.#function, this.#known),
        el('p', { class: 'field' }, el('label', { for: id('passing') }, 'Given as'), this.#passing),
        el('p', { class: 'field wide' }, el('label', { for: id('json') }, 'JSON'), this.#json),
        el('div', { class: 'buttons' }, (this.#button = el('button', { class: 'main' }, 'Call')), (this.#said = el('span', { class: 'facts', role: 'status', id: id('said') }))),
      ),
      this.#result,
    );
  }

  #url;
  #known;
  #names = '';
  #function;
  #passing;
  #json;
  #button;
  #said;
  #result;
  #under = null; // the call that is under way

  show({ kind, functions }) {
    this.element.hidden = kind === 'command';
    const names = functions.join();
    if (this.#names === names) return;
    this.#names = names;
    this.#known.replaceChildren(...functions.map((name) => el('option', { value: name })));
    if (!this.#function.value && functions.length) this.#function.value = functions[0];
  }

  #suggest() {
    const [before, after] = this.#passing.value ? ['{}', '{"args": [], "kwargs": {}}'] : ['{"args": [], "kwargs": {}}', '{}'];
    if (this.#json.value.trim() === before) this.#json.value = after;
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#under) {
      this.#under.abort();
      return;
    }
    const given = this.#json.value.trim() || 'null';
    try {
      JSON.parse(given);
    } catch (error) {
      say(this.#said, `This is not JSON: ${error.message}`);
      this.#json.focus();
      return;
    }
    this.#under = new AbortController();
    say(this.#button, 'Cancel');
    const began = performance.now();
    await this.#call(given, this.#under.signal, () => took((performance.now() - began) / 1000));
    this.#under = null;
    say(this.#button, 'Call');
  }

  async #call(body, signal, elapsed) {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    this.#show('');
    say(this.#said, 'Calling');
    try {
      const response = await fetch(this.#url(this.#function.value, this.#passing.value), { method: 'POST', headers, body, signal });
      if (!response.ok) this.#showFault(await refusal(response));
      else if (response.headers.get('Content-Type') === 'application/x-ndjson') await this.#showStream(response);
      else this.#show(shown(await response.json()));
      say(this.#said, `${response.ok ? 'Done' : 'Failed'} in ${elapsed()}`);
    } catch (error) {
      say(this.#said, signal.aborted ? 'Cancelled' : `The connection was lost: ${error.message}`);
    }
  }

  async #showStream(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let all = ''; ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      all = (all + value).slice(-LONGEST);
      this.#show(all);
    }
  }

  #showFault({ message, remedy, fault }) {
    this.#show([fault?.stack || [message, remedy].filter(Boolean).join('\n') || 'No reason was told.', fault?.stderr_tail].filter(Boolean).join('\n\n'), true);
  }

  #show(text, failed = false) {
    this.#result.hidden = text === '';
    this.#result.classList.toggle('failed', failed);
    say(this.#result, text.length > LONGEST ? `${text.slice(0, LONGEST)}\n…` : text);
  }
}

/** A value as it is read best: text as text, JSON indented, bytes in base64. */
function shown({ type, value }) {
  if (type !== 'json') return `${type}, in base64:\n${value}`;
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
