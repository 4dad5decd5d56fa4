// The page of a console: one script, run again and again in one terminal.

import { Closed, Hanger } from '../../../hanger/client.js';
import { History } from '../terminal/history.js';
import { Terminal } from '../terminal/terminal.js';
import { splitArguments } from './argv.js';
import { Clock } from './clock.js';
import { Trouble, follow } from './run.js';
import { copy, download } from './transcript.js';

const byId = (id) => document.getElementById(id);
const { name, run: address, runs } = document.body.dataset;
const PATIENCE = 5000; // milliseconds that a stopped script has to end

const hanger = new Hanger();
const clock = new Clock(byId('clock'));
const terminal = new Terminal(byId('terminal'), new History(sessionStorage, `hangerd ${address}`), show);
let current = null;

/** One run from Run to its end. */
class Run {
  #leaving = new AbortController();
  #id = '';

  async follow(argv) {
    try {
      for await (const events of follow(address, argv, this.#leaving.signal)) {
        for (const { event, data } of events) {
          if (this !== current) return;
          this[event]?.(data);
        }
        await terminal.room();
      }
    } catch (error) {
      if (this.#leaving.signal.aborted) return;
      if (!(error instanceof Trouble)) throw error;
      this.#over(error.message, error.remedy);
    }
  }

  /** Ask the server to end it. */
  async stop() {
    byId('stop').disabled = true;
    setTimeout(() => this === current && this.#giveUp(), PATIENCE);
    if (this.#id) await fetch(`${runs}${this.#id}/stop`, { method: 'POST' }).catch(() => this.#giveUp());
    else this.#giveUp();
  }

  /** Leave it alone, as closing the page would. */
  leave() {
    this.#leaving.abort();
    terminal.close();
  }

  start({ run }) {
    this.#id = run;
    become('running', 'Running');
  }

  out({ text }) {
    terminal.print(text);
  }

  err({ text }) {
    terminal.print(text, 'err');
  }

  async input({ token, prompt, password }) {
    const slot = { server: hanger.servers[0], write: token };
    const { line, end } = await terminal.readline(prompt, password);
    if (this !== current || end === 'cancel') return;
    try {
      await (end ? hanger.close(slot, end) : hanger.write(slot, line));
    } catch (error) {
      if (this === current && !(error instanceof Closed)) terminal.note(`Your answer did not arrive. ${error.message}`);
    }
  }

  exit({ status, error, seconds }) {
    clock.stop(seconds);
    if (status === 0) return this.#end('done', 'Ended');
    terminal.note(error ? `${error} (run ${this.#id})` : `Exit status ${status}`);
    this.#end('failed', `Exit status ${status}`);
  }

  #giveUp() {
    if (this !== current) return;
    this.#leaving.abort();
    this.#over('The script did not end when it was told to.', 'It is left to itself.');
  }

  #over(message, remedy) {
    clock.stop();
    terminal.note(`${message} ${remedy}`.trim());
    this.#end('failed', 'Broken off');
  }

  #end(state, word) {
    current = null;
    terminal.close();
    become(state, word);
  }
}

function run() {
  let argv;
  byId('wrong').textContent = '';
  try {
    argv = splitArguments(byId('arguments').value);
  } catch (error) {
    byId('wrong').textContent = error.message;
    return byId('arguments').focus();
  }
  if (current) {
    current.stop();
    current.leave();
  }
  terminal.clear();
  clock.start();
  become('starting', 'Starting');
  current = new Run();
  current.follow(argv);
}

function become(state, word) {
  Object.assign(document.body.dataset, { state, word });
  show();
}

function show() {
  const { state, word } = document.body.dataset;
  const asking = terminal?.asking ?? false;
  document.body.classList.toggle('asking', asking);
  byId('state').textContent = asking ? 'Your turn' : word;
  byId('stop').disabled = !['running', 'starting'].includes(state);
  byId('eof').disabled = !asking;
}

/** Say for a moment what a button did. */
function confirm(button, word) {
  const before = button.dataset.word ?? (button.dataset.word = button.textContent);
  button.textContent = word;
  setTimeout(() => (button.textContent = before), 1500);
}

byId('again').addEventListener('submit', (event) => (event.preventDefault(), run()));
byId('stop').addEventListener('click', () => current?.stop());
byId('eof').addEventListener('click', () => terminal.end('eof'));
byId('copy').addEventListener('click', async () => {
  confirm(byId('copy'), (await copy(terminal.text)) ? 'Copied' : 'Not allowed');
});
byId('download').addEventListener('click', () => download(terminal.text, `${name.replace(/\.py$/, '')}.txt`));

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || !getSelection().isCollapsed) return;
  const field = event.target.closest?.('input, button');
  if (event.ctrlKey && event.key === 'c' && current && (!field || field === terminal.prompt.input)) {
    event.preventDefault();
    if (terminal.asking) terminal.end('interrupt');
    else current.stop();
  } else if (!field && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) terminal.focus();
});

byId('arguments').value = new URLSearchParams(location.search).get('args') ?? '';
run();
