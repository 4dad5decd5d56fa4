// Pyodide on hangerd, in a worker, without cross-origin isolation: input() returns '' for an empty line, raises
// EOFError at the end of the input and KeyboardInterrupt when it is interrupted.
//
//   worker:  import { loadPyodide } from './node_modules/pyodide/pyodide.mjs';
//            import { connectInput } from 'https://hanger.example/hanger/pyodide.js';
//            connectInput(await loadPyodide(), (slot) => postMessage({ slot }));
//
//   page:    import { Hanger } from 'https://hanger.example/hanger/client.js';
//            const hanger = new Hanger();
//            worker.onmessage = ({ data }) => hanger.answer(data.slot, readline());
//
// Pyodide wants a module worker; in a sandboxed frame Chromium starts those from data: URLs only.

import { Closed, Hanger } from './client.js';

const SIGINT = 2;

/**
 * Let sys.stdin read from slots.
 * @param {any} pyodide what loadPyodide() gave
 * @param {(slot: import('./client.js').Slot) => void} ask takes the slot to whoever answers
 * @param {Hanger} [hanger]
 */
export function connectInput(pyodide, ask, hanger = new Hanger()) {
  // Pyodide looks here for signals. Only this thread writes it, so it needs no SharedArrayBuffer.
  const signals = new Uint8Array(1);
  let rest = new Uint8Array();

  function nextLine() {
    const slot = hanger.openSync();
    ask({ server: slot.server, write: slot.write });
    const value = hanger.readSync(slot);
    return typeof value === 'string' ? new TextEncoder().encode(`${value}\n`) : value;
  }

  pyodide.setInterruptBuffer(signals);
  pyodide.setStdin({
    /** @param {Uint8Array} buffer @returns {number} of bytes, 0 at the end of the input */
    read(buffer) {
      try {
        if (rest.length === 0) rest = nextLine();
      } catch (error) {
        if (!(error instanceof Closed)) throw error;
        if (error.reason === 'eof') return 0;
        signals[0] = SIGINT;
        throw Object.assign(error, { code: 'EINTR' });
      }
      const part = rest.subarray(0, buffer.length);
      buffer.set(part);
      rest = rest.subarray(part.length);
      return part.length;
    },
  });
}
