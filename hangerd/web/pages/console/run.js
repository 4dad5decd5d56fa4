// One run over the network: started by POST, followed as a stream of events to its exit. What goes wrong is a Trouble,
// in words for who sits there.

import { EventReader } from './events.js';

const SILENCE = 45_000; // milliseconds; the server shows life every 15 s

/** What went wrong, and what to do. */
export class Trouble extends Error {
  /** @param {string} message @param {string} remedy */
  constructor(message, remedy) {
    super(message);
    this.name = 'Trouble';
    this.remedy = remedy;
  }
}

const LOST = ['The connection was lost, and the script ended with it.', 'Run it again when you are back online.'];

/**
 * The events of a run, in lists as they come, up to and with `exit`. Throws Trouble, or the signal's reason.
 * @param {string} url @param {string[]} argv @param {AbortSignal} signal ends the run, as closing the page would
 */
export async function* follow(url, argv, signal) {
  const reader = (await started(url, argv, signal)).body.pipeThrough(new TextDecoderStream()).getReader();
  const events = new EventReader();
  for (;;) {
    const { value, done } = await soon(reader, signal);
    if (done) throw new Trouble(...LOST);
    const found = events.feed(value);
    yield found;
    if (found.at(-1)?.event === 'exit') return;
  }
}

/** @returns {Promise<Response>} */
async function started(url, argv, signal) {
  let response;
  try {
    const headers = { 'Content-Type': 'application/json' };
    response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ argv }), signal, cache: 'no-store' });
  } catch {
    signal.throwIfAborted();
    throw new Trouble('The server cannot be reached.', 'Check your connection, then run the script again.');
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

/** What the server refused. @param {Response} response */
async function refusal(response) {
  const { status, headers } = response;
  const said = await response.json().catch(() => ({}));
  if (status === 404) return new Trouble('This script is not there any more.', 'It may have been renamed or removed.');
  if (status === 503 && said.message) {
    const wait = Number(headers.get('Retry-After')) || 2;
    return new Trouble(`The server is busy. ${said.message}`, `Run the script again in ${wait} seconds or more.`);
  }
  if (said.message) return new Trouble(said.message, said.remedy ?? '');
  return new Trouble(`The server answered with status ${status}.`, 'Run the script again in a while.');
}

/** The next piece; Trouble when there is none in time, or never will be. */
async function soon(reader, signal) {
  let timer = 0;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Trouble(...LOST)), SILENCE);
  });
  try {
    return await Promise.race([reader.read(), late]);
  } catch (error) {
    signal.throwIfAborted();
    reader.cancel().catch(() => {});
    throw error instanceof Trouble ? error : new Trouble(...LOST);
  } finally {
    clearTimeout(timer);
  }
}
