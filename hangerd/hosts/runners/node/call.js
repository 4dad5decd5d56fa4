'use strict';
// One call of a function: it ends once - by a value, a stream's end, a fault or a cancel - however often
// and by whichever way (callback, promise, generator) the function speaks.

const { CallError, asError, describeError } = require('./faults');
const { encodeValue, jsonPayload } = require('./values');

const WINDOW = 64;
const GENERATORS = new Set(['[object Generator]', '[object AsyncGenerator]']);

/** `this` of a function, and its third argument: {name, host, timeout, signal}. */
class Context {
  #controller;

  constructor(name, host, timeout) {
    this.name = name;
    this.host = host;
    this.timeout = timeout; // seconds left when the call came, or undefined
  }

  /** An AbortSignal: aborted when the caller cancels, its time is up, or it has gone. */
  get signal() {
    this.#controller ||= new AbortController();
    return this.#controller.signal;
  }

  static abort(context, reason) {
    context.#controller ||= new AbortController();
    context.#controller.abort(reason);
  }
}

class Call {
  /** ended(call) is called once, when the fault, result or end has been sent. */
  constructor(header, func, host, connection, ended) {
    this.id = header.id;
    this.func = func;
    this.connection = connection;
    this.ended = ended;
    this.context = new Context(func.name, host, header.timeout ?? undefined);
    this.credits = Number.isInteger(header.window) ? header.window : WINDOW;
    this.over = false;
    this.calledBack = false;
    this.iterator = null;
    this.resume = null;
  }

  run(argument) {
    try {
      this.follow(this.func.handler.call(this.context, argument, this.callback(), this.context));
    } catch (error) {
      this.fail('function', error);
    }
  }

  callback() {
    return (error, value) => {
      if (this.calledBack) {
        const twice = new Error(`Function "${this.func.name}" called its callback more than once`);
        this.context.host.logger.error(twice.stack);
        return;
      }
      this.calledBack = true;
      if (error) this.fail('function', asError(error));
      else this.settle(value);
    };
  }

  /** What the function returned: a stream, a promise, a value; or nothing, and the callback will be called. */
  follow(returned) {
    if (this.over) return swallow(returned);
    if (isThenable(returned)) return this.await(returned);
    if (this.calledBack) return;
    if (isStream(returned)) this.stream(returned);
    // js-host ignores what a function with a callback returns
    else if (!this.takesCallback && returned !== undefined) this.settle(returned);
  }

  get takesCallback() {
    return this.func.handler.length >= 2;
  }

  await(promise) {
    promise.then(
      (value) => {
        if (!this.calledBack && (value !== undefined || !this.takesCallback)) this.settle(value);
      },
      (error) => {
        if (this.calledBack) this.context.host.logger.error(asError(error).stack);
        this.fail('function', error);
      },
    );
  }

  settle(value) {
    if (this.over) return;
    if (isThenable(value)) return this.settleLater(value);
    if (isStream(value)) return this.stream(value);
    const encoded = this.encode(value);
    if (encoded) this.finish({ op: 'result', id: this.id, type: encoded.type }, encoded.payload);
  }

  settleLater(promise) {
    promise.then(
      (value) => this.settle(value),
      (error) => this.fail('function', error),
    );
  }

  /** {type, payload}; or undefined, and the call has failed. */
  encode(value) {
    try {
      return encodeValue(value);
    } catch (error) {
      this.fail('encoding', error);
      return undefined;
    }
  }

  async stream(iterable) {
    try {
      this.iterator = (iterable[Symbol.asyncIterator] || iterable[Symbol.iterator]).call(iterable);
      for (;;) {
        await this.mayProduce();
        if (this.over) return;
        const { done, value } = await this.iterator.next();
        if (this.over) return;
        if (done) return this.finish({ op: 'end', id: this.id });
        this.item(isThenable(value) ? await value : value);
      }
    } catch (error) {
      this.fail('function', error);
    }
  }

  async mayProduce() {
    while (!this.over && (this.credits < 1 || !this.connection.roomy)) {
      if (this.credits < 1) await new Promise((resume) => (this.resume = resume));
      else await this.connection.room();
    }
  }

  item(value) {
    const encoded = this.encode(value);
    if (!encoded) return;
    this.credits -= 1;
    this.connection.send({ op: 'item', id: this.id, type: encoded.type }, encoded.payload);
  }

  credit(items) {
    this.credits += items;
    if (this.resume) this.resume();
  }

  fail(code, error) {
    if (this.over) return;
    this.finish({ op: 'fault', id: this.id, code }, jsonPayload(describeError(error)));
  }

  /** Ends the call at once and tells the function. */
  cancel(reason) {
    if (this.over) return;
    const error = new CallError('cancelled', `The call was cancelled: ${reason || 'cancelled'}`);
    error.name = reason === 'timeout' ? 'TimeoutError' : 'AbortError';
    this.fail('cancelled', error);
    Context.abort(this.context, error);
  }

  finish(header, payload) {
    this.over = true;
    this.connection.send(header, payload);
    this.ended(this);
    if (this.resume) this.resume();
    if (this.iterator && header.op !== 'end') closeIterator(this.iterator);
  }
}

function isStream(value) {
  if (value === null || typeof value !== 'object') return false;
  return (
    typeof value[Symbol.asyncIterator] === 'function' || GENERATORS.has(Object.prototype.toString.call(value))
  );
}

function isThenable(value) {
  return value !== null && typeof value === 'object' && typeof value.then === 'function';
}

/** A promise whose outcome nobody waits for any more must not count as unhandled. */
function swallow(returned) {
  if (isThenable(returned)) returned.then(undefined, () => {});
}

function closeIterator(iterator) {
  try {
    if (iterator.return) swallow(iterator.return());
  } catch {
    // the call is over; what its clean-up throws has no reader
  }
}

module.exports = { Call };
