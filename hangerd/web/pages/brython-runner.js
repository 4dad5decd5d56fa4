// Brython Runner on hangerd, with what its own protocol has no words for: input() raises EOFError at the end of the
// input and KeyboardInterrupt when it is interrupted.
//
//   import { onHangerd } from 'https://hanger.example/hanger/brython-runner.js';
//   const runner = new BrythonRunner({ ...onHangerd(readline), stdout, stderr });
//
// `hangerUrl` alone is enough where an empty line may stand for all three: new BrythonRunner({ hangerUrl, stdin }).

import { Closed, Hanger } from './client.js';

/**
 * Options for `new BrythonRunner(...)`.
 * @param {() => Promise<string>} readline the user's next line; it may throw Closed('eof') or Closed('interrupt')
 * @param {Hanger} [hanger]
 */
export function onHangerd(readline, hanger = new Hanger()) {
  return {
    hangerUrl: hanger.servers[0].replace(/\/$/, ''), // for time.sleep
    stdin: { readline },
    postInitModules: [loader(hanger.servers)],
    /** @param {string} type @param {import('./client.js').Slot} slot */
    onMsg(type, slot) {
      if (type === 'hanger.input') hanger.answer(slot, readline()).catch(console.error);
    },
  };
}

/**
 * What the runner evaluates in its worker, a classic script: it can import a module, but only in its own time, so the
 * messages that start a program wait for it.
 * @param {string[]} servers
 */
const loader = (servers) => `{
  const start = self.onmessage;
  const ready = import(${JSON.stringify(import.meta.url)})
    .then((adapter) => adapter.install(self, ${JSON.stringify(servers)}))
    .catch((error) => console.error('hangerd: input() stays with the runner\\'s own protocol.', error));
  self.onmessage = (message) => ready.then(() => start(message));
}`;

/**
 * In the worker: give Brython's input() a prompt that reads a slot and raises Python's exceptions.
 * @param {any} scope the worker's global object @param {string[]} servers
 */
export function install(scope, servers) {
  const hanger = new Hanger({ servers });
  scope.prompt = (/** @type {string} */ message) => {
    if (message) scope._brStdoutWrite(message);
    scope._brStdoutFlush();
    try {
      const slot = hanger.openSync();
      scope.postMessage({ type: 'hanger.input', value: { server: slot.server, write: slot.write } });
      return hanger.readSync(slot);
    } catch (error) {
      throw inPython(error, scope.__BRYTHON__.builtins);
    }
  };
}

/** @param {unknown} error @param {any} builtins Brython's */
function inPython(error, { EOFError, KeyboardInterrupt, OSError }) {
  if (!(error instanceof Closed)) return OSError.$factory(String(error));
  return error.reason === 'eof' ? EOFError.$factory('EOF when reading a line') : KeyboardInterrupt.$factory();
}
