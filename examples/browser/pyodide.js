// Pyodide: CPython compiled to WebAssembly. This is the page's half; Python itself is in pyodide-worker.js.

import { Hanger } from '../hanger/client.js';

/** @param {import('./playground.js').Page} page @returns what runs a program, ends one that computes, ends all */
export function start(page) {
  const hanger = new Hanger();
  let worker;

  /** What the worker says: {ready}, {missing}, {out: text}, {error: text} or {slot}. */
  function hear({ data }) {
    if (data.ready) page.ready();
    if (data.missing) page.missing();
    if (data.out) page.print(data.out);
    if (data.error) page.print(data.error, 'err');
    if (data.slot) hanger.answer(data.slot, page.readline());
  }

  function load() {
    page.loading();
    worker = new Worker(new URL('pyodide-worker.js', import.meta.url), { type: 'module' });
    worker.onmessage = hear;
  }

  load();
  return {
    run: (code) => worker.postMessage(code),
    kill() {
      worker.terminate();
      load();
    },
    end: () => worker.terminate(),
  };
}
