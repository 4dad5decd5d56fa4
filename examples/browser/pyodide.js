// The guessing game in Pyodide: the page's half. Python itself is in pyodide-worker.js.

import { Hanger } from '../hanger/client.js';
import { Page } from './page.js';

const hanger = new Hanger();
let worker;
const page = new Page({
  run: (code) => worker.postMessage(code),
  kill() {
    worker.terminate();
    start();
  },
});

/** What the worker says: {ready}, {missing}, {out: text}, {error: text} or {slot}. */
function hear({ data }) {
  if (data.ready) page.ready();
  if (data.missing) page.missing('Pyodide');
  if (data.out) page.screen.print(data.out);
  if (data.error) page.screen.print(data.error, 'error');
  if (data.slot) hanger.answer(data.slot, page.screen.readline());
}

function start() {
  page.loading();
  worker = new Worker(new URL('pyodide-worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = hear;
}

start();
