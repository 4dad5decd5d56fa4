// The browser's side of hangerd's slots: one side opens a slot and reads, and waits; the other writes its one value.
//
//   import { Hanger } from 'https://hanger.example/hanger/client.js';
//   const hanger = new Hanger();
//
//   a worker:  const slot = hanger.openSync();                          its page:  worker.onmessage = ({ data }) =>
//              postMessage({ server: slot.server, write: slot.write });              hanger.answer(data, askTheUser());
//              const line = hanger.readSync(slot); // blocks
//
// A read gives the value ('' is an empty line) or throws Closed, whose reason tells the end of the input ('eof') from
// an interrupt ('interrupt') and from a page that went away ('cancel'). HangerError is whatever went wrong.
// Slots are plain objects, so they can be posted. All requests are "simple" for CORS, except a write of bytes.

import { IN_WORKER, run, runSync } from './exchange.js';

/**
 * @typedef {import('./exchange.js').Value} Value
 * @typedef {import('./exchange.js').Reply} Reply
 * @typedef {'eof' | 'interrupt' | 'cancel'} Reason
 * @typedef {{server: string, read?: string, write?: string}} Slot  its server, and what the owner may do there
 */

/** The folder that this module came from: the address of its hangerd. */
export const HERE = new URL('.', import.meta.url).href;

const PROTOCOL = '2';
const TEXT = 'text/plain;charset=UTF-8';
const REASONS = ['eof', 'interrupt', 'cancel'];

/** The slot was closed instead of written. */
export class Closed extends Error {
  /** @param {Reason} reason */
  constructor(reason) {
    super(`the slot was closed: ${reason}`);
    this.name = 'Closed';
    this.reason = reason;
  }
}

/** What went wrong: `code` and `status` as hangerd gave them ('' and 0 when it was not hangerd that answered). */
export class HangerError extends Error {
  /** @param {string} message @param {{code?: string, status?: number, again?: number}} [facts] */
  constructor(message, { code = '', status = 0, again = Infinity } = {}) {
    super(message);
    this.name = 'HangerError';
    this.code = code;
    this.status = status;
    /** Seconds after which it makes sense to ask again; Infinity: never. */
    this.again = again;
  }
}

/** Opens, writes, reads and closes slots. A page's Hanger closes those it owns when the page goes away. */
export class Hanger {
  /** @type {Map<string, Slot>} */
  #owned = new Map();
  #patience;
  #credentials;

  /**
   * @param {{servers?: string[], patience?: number, credentials?: RequestCredentials}} [options]
   *   servers: addresses of `/hanger/` folders; `open` takes the first that answers, and the slot stays there.
   *   patience: for how many seconds a busy or unreachable server is asked again before the call fails.
   */
  constructor({ servers = [HERE], patience = 60, credentials = 'same-origin' } = {}) {
    this.servers = servers.map((server) => new URL(server.replace(/\/*$/, '/'), HERE).href);
    this.#patience = patience;
    this.#credentials = credentials;
    if (!IN_WORKER) addEventListener('pagehide', () => this.release());
  }

  /** @param {{ttl?: number, value?: Value}} [options] ttl: seconds to live; value: what it holds from the start */
  async open(options) {
    return this.own(await run(this.#open(options)));
  }

  /** Blocks its worker. @param {{ttl?: number, value?: Value}} [options] */
  openSync(options) {
    return runSync(this.#open(options));
  }

  /**
   * Wait for the value: a string, or bytes if bytes were written. Throws Closed.
   * @param {Slot} slot @param {{signal?: AbortSignal}} [options]
   */
  read(slot, { signal } = {}) {
    return run(this.#read(slot), signal);
  }

  /** The same; blocks its worker. @param {Slot} slot */
  readSync(slot) {
    return runSync(this.#read(slot));
  }

  /**
   * Write the one value. Tells how far it got: 'stored', 'leased' or 'acked'.
   * @param {Slot} slot @param {Value} value
   */
  write(slot, value) {
    return run(this.#write(slot, value));
  }

  /** End the slot: its reader gets Closed. @param {Slot} slot @param {Reason} [reason] */
  close(slot, reason = 'cancel') {
    return run(this.#close(slot, reason));
  }

  /**
   * Own the slot until `line` comes, then write it. If it fails with Closed instead, close the slot for that reason.
   * @param {Slot} slot @param {Value | Promise<Value>} line
   */
  async answer(slot, line) {
    this.own(slot);
    try {
      await this.write(slot, await line);
    } catch (error) {
      await this.close(slot, error instanceof Closed ? error.reason : 'cancel');
      if (!(error instanceof Closed)) throw error;
    }
  }

  /**
   * Close this slot when the page goes away before it was written or read. A worker sees no pagehide: its page owns.
   * @param {Slot} slot
   */
  own(slot) {
    if (!IN_WORKER) this.#owned.set(key(slot), slot);
    return slot;
  }

  /** Close what is owned, in the way that works while a page unloads. Who comes back to the page finds it closed. */
  release() {
    for (const [token, { server }] of this.#owned) navigator.sendBeacon(`${server}${token}/close/?reason=cancel`);
    this.#owned.clear();
  }

  /** @param {{ttl?: number, value?: Value}} [options] */
  *#open({ ttl, value } = {}) {
    const query = `open/?v=2${ttl === undefined ? '' : `&ttl=${ttl}`}${value === undefined ? '' : '&value=1'}`;
    const { server, reply } = yield* this.#ask(this.servers, query, { value });
    const { read, write } = JSON.parse(text(reply));
    return { server, read, write };
  }

  /** @param {Slot} slot */
  *#read(slot) {
    for (;;) {
      const { reply } = yield* this.#ask([slot.server], `${slot.read}/read/`);
      if (reply.status === 204) continue; // nothing yet
      const lease = reply.header('Hanger-Lease')?.split(';')[0];
      if (lease) yield* this.#acknowledge(slot, lease);
      this.#owned.delete(key(slot));
      return reply.header('Content-Type')?.startsWith('text/') ? text(reply) : reply.bytes;
    }
  }

  /**
   * Say that the value is here. If that does not get through, it is no reason to lose the value.
   * @param {Slot} slot @param {string} lease
   */
  *#acknowledge(slot, lease) {
    try {
      yield* this.#ask([slot.server], `${slot.read}/ack/?lease=${encodeURIComponent(lease)}`, { done: ended });
    } catch (error) {
      if (!(error instanceof HangerError)) throw error;
    }
  }

  /** @param {Slot} slot @param {Value} value */
  *#write(slot, value) {
    this.#owned.delete(key(slot)); // from now on there may be a value in it that somebody is to read
    // After an attempt whose answer was lost, 409 and 410 are the traces that the value left when it arrived.
    const done = (/** @type {number} */ status, /** @type {boolean} */ lost) => lost && ended(status);
    const { reply } = yield* this.#ask([slot.server], `${key(slot)}/write/`, { value, done });
    return parsed(text(reply)).state ?? 'stored';
  }

  /** @param {Slot} slot @param {Reason} reason */
  *#close(slot, reason) {
    yield* this.#ask([slot.server], `${key(slot)}/close/?reason=${reason}`, { done: ended });
    this.#owned.delete(key(slot));
  }

  /**
   * One request to the first of `servers` that takes it; while they are busy or away, again and again within patience.
   * @param {string[]} servers @param {string} path
   * @param {{value?: Value, done?: (status: number, lost: boolean) => boolean}} [form]
   *   done: which refusals are as good as success, given whether an earlier answer was lost
   * @returns {import('./exchange.js').Steps<{server: string, reply: Reply}>}
   */
  *#ask(servers, path, { value, done = () => false } = {}) {
    const type = value instanceof Uint8Array ? 'application/octet-stream' : value === undefined ? value : TEXT;
    const end = performance.now() + this.#patience * 1000;
    let lost = false;
    for (let round = 0; ; round += 1) {
      const problems = [];
      for (const server of servers) {
        /** @type {Reply | null} */
        const reply = yield { url: server + path, body: value, type, credentials: this.#credentials };
        if (reply && isOurs(reply) && (reply.status < 300 || done(reply.status, lost))) return { server, reply };
        lost ||= reply === null;
        problems.push(judge(server, reply, round));
      }
      const pause = Math.min(...problems.map((problem) => problem.again));
      if (performance.now() + pause * 1000 > end) throw merged(problems);
      yield { pause };
    }
  }
}

/** The token that may end this slot. @param {Slot} slot @returns {string} */
const key = (slot) => /** @type {string} */ (slot.write ?? slot.read);

/** No such slot, or no longer in a state for this. @param {number} status */
const ended = (status) => [404, 409, 410].includes(status);

/** @param {Reply} reply */
const isOurs = (reply) => reply.header('Hanger-Protocol') === PROTOCOL;

/** Exactly as written, a byte order mark included. @param {Reply} reply */
const text = (reply) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(reply.bytes);

/** @param {string} json @returns {Record<string, string>} */
function parsed(json) {
  try {
    return Object(JSON.parse(json));
  } catch {
    return {};
  }
}

/**
 * What a failed attempt means, and when to try again.
 * @param {string} server @param {Reply | null} reply @param {number} round
 */
function judge(server, reply, round) {
  const soon = Math.min(2, 0.1 * 2 ** round) * (0.5 + Math.random() / 2);
  if (reply === null) return new HangerError(`${server} cannot be reached. Is hangerd running there?`, { again: soon });
  const { status, header } = reply;
  if (isOurs(reply)) {
    const closed = header('Hanger-Closed') ?? '';
    if (REASONS.includes(closed)) throw new Closed(/** @type {Reason} */ (closed));
    const { error: code, message = `status ${status}`, remedy = '' } = parsed(text(reply));
    const again = status === 429 || status === 503 ? Number(header('Retry-After')) || 1 : Infinity;
    return new HangerError(`${server}: ${message} ${remedy}`.trim(), { code, status, again });
  }
  // What a proxy says while its hangerd restarts.
  const byProxy = status >= 502 && status <= 504;
  if (byProxy) return new HangerError(`${server}: its proxy answered ${status}.`, { status, again: soon });
  const type = header('Content-Type') ?? 'no type';
  return new HangerError(
    `${server} is not hangerd: status ${status}, ${type}, no header Hanger-Protocol: ${PROTOCOL}. ` +
      "Give the address of hangerd's /hanger/ folder, or let your proxy pass it on.",
  );
}

/** @param {HangerError[]} problems */
function merged(problems) {
  if (problems.length === 1) return problems[0];
  return new HangerError(`No server took it. ${problems.map(({ message }) => message).join(' ')}`);
}
