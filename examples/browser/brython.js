// The guessing game in Brython Runner.

import { onHangerd } from '../hanger/brython-runner.js';
import { Page } from './page.js';

let runner;
const page = new Page({
  async run(code) {
    await runner.runCode(code);
    page.loading(); // after each program the runner starts a fresh worker
  },
  kill() {
    runner.stopRunning();
    page.loading();
  },
});

const script = document.createElement('script');
script.src = '../node_modules/brython-runner/lib/brython-runner.bundle.js';
script.onerror = () => page.missing('Brython Runner');
script.onload = () => {
  runner = new BrythonRunner({
    ...onHangerd(() => page.screen.readline()),
    codeName: 'guess.py',
    stdout: { write: (text) => page.screen.print(text), flush() {} },
    stderr: { write: (text) => page.screen.print(text, 'error'), flush() {} },
    onInit: () => page.ready(),
  });
};
document.head.append(script);
