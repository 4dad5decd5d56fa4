'use strict';
// The calls of one connection: finds the function, starts it, passes cancel and credit on.

const { Call } = require('./call');
const { CallError, describeError } = require('./faults');
const { decodeArgument, jsonPayload } = require('./values');

class Calls {
  /** accepting() says whether new calls are taken. */
  constructor(host, connection, accepting) {
    this.host = host;
    this.connection = connection;
    this.accepting = accepting;
    this.running = new Map();
    this.emptied = () => {}; // called when the last of them has ended
  }

  begin(header, payload) {
    try {
      const call = this.prepare(header);
      const argument = decodeArgument(header, payload);
      this.running.set(call.id, call);
      call.run(argument);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.refuse(header.id, error);
    }
  }

  prepare(header) {
    if (!this.accepting()) throw new CallError('stopping', 'This instance takes no new calls.');
    const func = this.host.functions[header.function];
    if (!func) throw new CallError('no_function', `Not found. Unknown function "${header.function}"`);
    if (header.accept === 'pickle') throw new CallError('pickle', 'A js host makes no pickles.');
    return new Call(header, func, this.host, this.connection, (call) => this.ended(call));
  }

  ended(call) {
    this.running.delete(call.id);
    if (this.running.size === 0) this.emptied();
  }

  refuse(id, error) {
    this.connection.send({ op: 'fault', id, code: error.code }, jsonPayload(describeError(error)));
  }

  credit(header) {
    const call = this.running.get(header.id);
    if (call && Number.isInteger(header.items) && header.items > 0) call.credit(header.items);
  }

  /** Cancels a call that runs, or one whose pieces have not all come. */
  cancel(header) {
    const call = this.running.get(header.id);
    if (call) call.cancel(header.reason);
    else if (this.connection.assembler.drop(header.id)) {
      this.refuse(header.id, new CallError('cancelled', 'The call was cancelled before it had come whole.'));
    }
  }

  cancelAll(reason) {
    for (const call of [...this.running.values()]) call.cancel(reason);
  }
}

module.exports = { Calls };
