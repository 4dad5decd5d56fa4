// What the two pages share: the program's text, its screen, the three buttons and the word for what is going on.

import { Screen } from './screen.js';

const byId = (id) => document.getElementById(id);

const WORDS = {
  loading: 'Loading…',
  ready: 'Ready',
  running: 'Running',
  waiting: 'Your turn',
  missing: 'Not installed',
};

export class Page {
  #state = 'loading';

  /**
   * @param {{run: (code: string) => void, kill: () => void}} python starts a program; ends one that computes
   */
  constructor(python) {
    fetch('guess.txt')
      .then((program) => program.text())
      .then((program) => (byId('code').value = program));
    this.screen = new Screen(byId('screen'), () => this.#show());
    byId('run').addEventListener('click', () => {
      this.screen.clear();
      this.#become('running');
      python.run(byId('code').value);
    });
    byId('eof').addEventListener('click', () => this.screen.end('eof'));
    byId('stop').addEventListener('click', () => {
      if (this.screen.asking) {
        this.screen.end('interrupt');
      } else {
        python.kill();
        this.screen.print('\nStopped.\n', 'note');
      }
    });
  }

  /** Python is loaded, or the program has ended. */
  ready() {
    this.#become('ready');
  }

  /** Python is being loaded (again). */
  loading() {
    this.#become('loading');
  }

  /** @param {string} name of the package that is not there */
  missing(name) {
    this.#become('missing');
    this.screen.print(
      `${name} is not installed yet. In the folder of hangerd, run\n\n` +
        '    npm install --prefix examples\n\nand load this page again.\n',
    );
  }

  #become(state) {
    this.#state = state;
    this.#show();
  }

  #show() {
    const state = this.screen.asking ? 'waiting' : this.#state;
    document.body.dataset.state = state;
    byId('state').textContent = WORDS[state];
    byId('run').disabled = state !== 'ready';
    byId('eof').disabled = state !== 'waiting';
    byId('stop').disabled = state !== 'running' && state !== 'waiting';
  }
}
