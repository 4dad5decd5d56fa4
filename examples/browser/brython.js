// Brython Runner: Python translated to JavaScript, in a worker of this page.

import { onHangerd } from '../hanger/brython-runner.js';

/** @param {import('./playground.js').Page} page @returns what runs a program, ends one that computes, ends all */
export function start(page) {
  let runner;
  const script = document.createElement('script');
  script.src = '../node_modules/brython-runner/lib/brython-runner.bundle.js';
  script.onerror = () => page.missing();
  script.onload = () => {
    runner = new BrythonRunner({
      ...onHangerd(page.readline),
      codeName: 'main.py',
      stdout: { write: (text) => page.print(text), flush() {} },
      stderr: { write: (text) => page.print(text, 'err'), flush() {} },
      onInit: () => page.ready(),
    });
  };
  document.head.append(script);
  return {
    async run(code) {
      await runner.runCode(code);
      page.loading(); // after each program the runner starts a fresh worker
    },
    kill() {
      runner.stopRunning();
      page.loading();
    },
    end: () => runner?.stopRunning(),
  };
}
