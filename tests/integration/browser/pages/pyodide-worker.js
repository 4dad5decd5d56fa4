// Pyodide with its stdin on hangerd, started by pyodide.html. Messages are programs.

export async function serve(here, server) {
  const { loadPyodide } = await import(`${here}node_modules/pyodide/pyodide.mjs`);
  const { connectInput } = await import(`${server}/hanger/pyodide.js`);
  const pyodide = await loadPyodide();
  const decoder = new TextDecoder();
  pyodide.setStdout({
    write(bytes) {
      postMessage({ out: decoder.decode(bytes, { stream: true }) });
      return bytes.length;
    },
  });
  connectInput(pyodide, (slot) => postMessage({ slot }));
  onmessage = ({ data }) => {
    try {
      pyodide.runPython(data);
    } catch (error) {
      postMessage({ out: error.message });
    }
    postMessage({ done: true });
  };
  postMessage({ done: true });
}
