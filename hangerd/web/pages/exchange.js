// Carries out the steps of client.js: generators that yield requests and pauses and are given replies. `run` does it
// with fetch, `runSync` with the synchronous XMLHttpRequests that only workers have, so each exchange is written once.

/**
 * @typedef {string | Uint8Array<ArrayBuffer>} Value
 * @typedef {{url: string, body?: Value, type?: string, credentials: RequestCredentials}} Ask  always a POST
 * @typedef {{pause: number}} Pause  seconds
 * @typedef {{status: number, header: (name: string) => string | null, bytes: Uint8Array<ArrayBuffer>}} Reply
 */

/**
 * @template T
 * @typedef {Generator<Ask | Pause, T, any>} Steps
 */

/** Workers may block, and see no pagehide. */
export const IN_WORKER = 'WorkerGlobalScope' in globalThis;

/** Answer the steps without blocking. @template T @param {Steps<T>} steps @param {AbortSignal} [signal] */
export async function run(steps, signal) {
  let step = steps.next();
  while (!step.done) {
    const wanted = step.value;
    step = steps.next('pause' in wanted ? await sleep(wanted.pause, signal) : await fetched(wanted, signal));
  }
  return step.value;
}

/** Answer the steps, blocking this worker. @template T @param {Steps<T>} steps */
export function runSync(steps) {
  if (!IN_WORKER) throw new TypeError('Only a worker may block. In a page, await open, read, write and close.');
  let step = steps.next();
  while (!step.done) {
    const wanted = step.value;
    step = steps.next('pause' in wanted ? sleepSync(wanted.pause) : requested(wanted));
  }
  return step.value;
}

/** @param {Ask} ask @param {AbortSignal} [signal] @returns {Promise<Reply | null>} null when nobody answered */
async function fetched({ url, body, type, credentials }, signal) {
  try {
    const headers = type === undefined ? undefined : { 'Content-Type': type };
    const response = await fetch(url, { method: 'POST', body, headers, credentials, signal, cache: 'no-store' });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, header: (name) => response.headers.get(name), bytes };
  } catch {
    signal?.throwIfAborted();
    return null;
  }
}

/** @param {Ask} ask @returns {Reply | null} null when nobody answered */
function requested({ url, body, type, credentials }) {
  const xhr = new XMLHttpRequest();
  xhr.open('POST', url, false);
  xhr.responseType = 'arraybuffer';
  xhr.withCredentials = credentials === 'include';
  if (type !== undefined) xhr.setRequestHeader('Content-Type', type);
  try {
    xhr.send(body);
  } catch {
    return null;
  }
  const bytes = new Uint8Array(xhr.response ?? 0);
  return { status: xhr.status, header: (name) => xhr.getResponseHeader(name), bytes };
}

/** @param {number} seconds @param {AbortSignal} [signal] @returns {Promise<void>} */
function sleep(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

/** Shared WebAssembly memory needs no cross-origin isolation, unlike SharedArrayBuffer. @param {number} seconds */
function sleepSync(seconds) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  Atomics.wait(new Int32Array(memory.buffer), 0, 0, seconds * 1000);
}
