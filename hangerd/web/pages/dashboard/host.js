// One host: how it is, what can be done to it, its log, and a form to call it.

import { ask } from './api.js';
import { CallForm } from './call.js';
import { confirmed } from './confirm.js';
import { el, say } from './dom.js';
import { Figure } from './figure.js';
import { age, bytes, count, plural, rate, took } from './format.js';
import { LogView } from './log.js';

const MOOD = { ready: 'good', starting: 'warn', backing_off: 'warn', draining: 'warn', stopping: 'warn', failed: 'alarm' };
const WORDS = {
  restart: ['Restart', 'New processes take over; calls in flight end in the old ones.'],
  stop: ['Stop', 'Calls that wait are refused. The next call starts it again.'],
};

export class HostCard {
  /** `tell` is given what somebody who does not see the page should hear. */
  constructor(name, tell) {
    this.#name = name;
    this.#tell = tell;
    this.#rate = new Figure('Calls a second', `calls/${name}`, rate);
    this.#latency = new Figure('Time of a call', `latency/${name}`, took);
    this.#memory = new Figure('Memory', `memory/${name}`, bytes);
    this.#instances = new Figure('Instances');
    this.#log = new LogView(name);
    this.#call = new CallForm(name);
    this.#buttons = {
      start: el('button', { onclick: () => this.#do('start') }, 'Start'),
      restart: el('button', { onclick: () => this.#ask('restart') }, 'Restart'),
      stop: el('button', { class: 'alarming', onclick: () => this.#ask('stop') }, 'Stop'),
    };
    const title = `host-${name}`;
    this.element = el(
      'article',
      { class: 'card', 'aria-labelledby': title },
      el(
        'header',
        {},
        el('h3', { id: title }, name),
        (this.#kind = el('span', { class: 'kind' })),
        (this.#state = el('span', { class: 'state' })),
        el('div', { class: 'buttons', role: 'group', 'aria-label': `Control ${name}` }, ...Object.values(this.#buttons)),
      ),
      (this.#failed = el('p', { class: 'failed', role: 'alert' })),
      (this.#trouble = el('p', { class: 'trouble' })),
      el('dl', { class: 'figures' }, ...this.#figures.map((figure) => figure.element)),
      this.#call.element,
      this.#log.element,
    );
  }

  #name;
  #tell;
  #rate;
  #latency;
  #memory;
  #instances;
  #log;
  #call;
  #buttons;
  #kind;
  #state;
  #failed;
  #trouble;
  #was = null;

  get #figures() {
    return [this.#rate, this.#latency, this.#memory, this.#instances];
  }

  show(host, now) {
    const state = host.state.replace('_', ' ');
    if (this.#was !== null && this.#was !== host.state) this.#tell(`${this.#name}: ${state}`);
    this.#was = host.state;
    say(this.#kind, host.kind);
    say(this.#state, state);
    this.#state.dataset.mood = MOOD[host.state] ?? 'quiet';
    say(this.#trouble, trouble(host));
    this.#showFigures(host, now);
    const alive = host.instances.length > 0 || host.state === 'backing_off';
    this.#buttons.start.hidden = alive;
    this.#buttons.restart.hidden = this.#buttons.stop.hidden = !alive;
    this.#call.show(host);
  }

  draw(model) {
    for (const figure of this.#figures) figure.draw(model);
  }

  resume() {
    this.#log.resume();
  }

  #showFigures(host, now) {
    const faults = Object.values(host.faults).reduce((sum, number) => sum + number, 0);
    this.#rate.show(rate(host.rate), `${plural(host.calls, 'call')}${faults ? `, ${plural(faults, 'fault')}` : ''}`);
    this.#latency.show(host.latency === null ? '–' : took(host.latency), host.p99 ? `99 % within ${took(host.p99)}` : '');
    this.#memory.show(host.memory ? bytes(host.memory) : '–');
    const one = host.instances.map(({ pid, started }) => (pid === null ? 'starting' : `pid ${pid}, ${age(now - started)}`));
    const restarts = host.restarts ? [plural(host.restarts, 'restart')] : [];
    this.#instances.show(count(host.instances.length), [...one, ...restarts].join(' · '));
  }

  async #ask(action) {
    const [word, explanation] = WORDS[action];
    if (await confirmed(`${word} ${this.#name}?`, explanation, word)) await this.#do(action);
  }

  async #do(action) {
    const buttons = Object.values(this.#buttons);
    for (const button of buttons) button.disabled = true;
    say(this.#failed, '');
    try {
      await ask('POST', `hosts/${encodeURIComponent(this.#name)}/${action}`);
    } catch (error) {
      say(this.#failed, error.message);
    }
    for (const button of buttons) button.disabled = false;
  }
}

/** What went wrong last, if anything did. */
function trouble(host) {
  if (host.reason) return host.reason;
  if (host.reload_error) return `The last edit did not load: ${host.reload_error.message}`;
  return host.restarts && host.last_exit ? `Last ended: ${host.last_exit}` : ''; // a stop is no trouble
}
