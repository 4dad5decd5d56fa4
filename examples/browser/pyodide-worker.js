// Pyodide in a worker, with sys.stdin on hangerd. A message is a program to run.

import { connectInput } from '../hanger/pyodide.js';

/** Pass on what Python writes, unfinished lines too: a prompt is one. */
function writer(kind) {
  const decoder = new TextDecoder();
  return {
    write(bytes) {
      postMessage({ [kind]: decoder.decode(bytes, { stream: true }) });
      return bytes.length;
    },
  };
}

/** Leave out the frames of Pyodide itself. */
const traceback = (text) => text.replace(/^  File "\/lib\/.*\n(?:    .*\n)*/gm, '');

async function load() {
  const { loadPyodide } = await import('../node_modules/pyodide/pyodide.mjs');
  const pyodide = await loadPyodide();
  pyodide.setStdout(writer('out'));
  pyodide.setStderr(writer('error'));
  connectInput(pyodide, (slot) => postMessage({ slot }));
  return pyodide;
}

let pyodide;
onmessage = ({ data: code }) => {
  const globals = pyodide.toPy({ __name__: '__main__' });
  try {
    pyodide.runPython(code, { globals, filename: 'main.py' });
  } catch (error) {
    postMessage({ error: traceback(error.message) });
  } finally {
    globals.destroy();
    postMessage({ ready: true });
  }
};

try {
  pyodide = await load();
  postMessage({ ready: true });
} catch (error) {
  console.error(error);
  postMessage({ missing: true });
}
