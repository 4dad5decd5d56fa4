// The playground: a program, its terminal, and the Python that runs it: Brython Runner if it is there, else Pyodide.

import { History } from '../-/pages/terminal/history.js';
import { Terminal } from '../-/pages/terminal/terminal.js';
import { Closed } from '../hanger/client.js';
import * as brython from './brython.js';
import { edit } from './editor.js';
import { PROGRAMS, keep, load, reset } from './programs.js';
import * as pyodide from './pyodide.js';

const PYTHONS = { brython, pyodide };
const WORDS = { loading: 'Loading…', ready: 'Ready', running: 'Running', waiting: 'Your turn', missing: 'Not installed' };
const byId = (id) => document.getElementById(id);
const [program, python, code] = ['program', 'python', 'code'].map(byId);
// Within another page that one has the heading.
document.documentElement.toggleAttribute('data-framed', window !== window.parent);
const wanted = new URLSearchParams(location.search).get('python');

let state = 'loading';
let running = null;
const terminal = new Terminal(byId('screen'), new History(sessionStorage, 'hangerd playground'), () => show());

/** What a Python says to the page. */
class Page {
  constructor(name) {
    this.name = name;
  }

  /** Python is loaded, or the program has ended. */
  ready() {
    this.#become('ready');
  }

  /** Python is being loaded (again). */
  loading() {
    this.#become('loading');
  }

  /** Its package is not there. */
  missing() {
    if (this.name === 'brython' && wanted === null && !running.chosen) return choose('pyodide');
    this.#become('missing');
    terminal.clear();
    terminal.print(
      `${python.selectedOptions[0].text} is not installed here yet. In the folder of hangerd, run\n\n` +
        '    npm install --prefix examples\n\nand load this page again.\n',
    );
  }

  /** @param {string} text @param {'out' | 'err'} [stream] */
  print(text, stream) {
    if (running.page === this) terminal.print(text, stream);
  }

  /** The next line that the user types; throws Closed. */
  readline = async () => {
    const { line, end } = await terminal.readline();
    if (end) throw new Closed(end);
    return line;
  };

  #become(next) {
    if (running.page !== this) return;
    terminal.close();
    state = next;
    show();
  }
}

function choose(name, chosen = false) {
  running?.python.end();
  terminal.close();
  python.value = name;
  state = 'loading';
  show();
  const page = new Page(name);
  running = { page, chosen };
  running.python = PYTHONS[name].start(page);
}

function run() {
  if (state !== 'ready') return;
  terminal.clear();
  state = 'running';
  show();
  byId('screen').scrollIntoView({ block: 'nearest' });
  running.python.run(code.value);
}

function stop() {
  if (terminal.asking) return terminal.end('interrupt');
  running.python.kill();
  terminal.note('Stopped.');
}

function show() {
  const now = terminal.asking ? 'waiting' : state;
  document.body.dataset.state = now;
  byId('state').textContent = WORDS[now];
  byId('run').disabled = now !== 'ready';
  byId('eof').disabled = now !== 'waiting';
  byId('stop').disabled = now !== 'running' && now !== 'waiting';
}

async function open(text) {
  code.value = await text;
  code.scrollTop = 0;
}

for (const [name, title] of Object.entries(PROGRAMS)) program.add(new Option(title, name));
program.addEventListener('change', () => open(load(program.value)));
python.addEventListener('change', () => choose(python.value, true));
code.addEventListener('input', () => keep(program.value, code.value));
edit(code, run);
byId('reset').addEventListener('click', () => open(reset(program.value)));
byId('run').addEventListener('click', run);
byId('stop').addEventListener('click', stop);
byId('eof').addEventListener('click', () => terminal.end('eof'));
open(load(program.value));
choose(wanted in PYTHONS ? wanted : 'brython');
