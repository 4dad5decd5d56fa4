'use strict';
// Direct connections: programs that the daemon gave a ticket connect to this instance's own socket.

const net = require('net');

const { Calls } = require('./calls');
const { Connection } = require('./connection');
const { ProtocolError } = require('./frames');

const HELLO_WITHIN = 5000; // milliseconds
const REPORT_EVERY = 1000;
const PROTOCOL = 1;

class Direct {
  /** report({connections, calls}) tells the daemon; calls are counted since the start. */
  constructor(fd, host, limit, report) {
    this.host = host;
    this.limit = limit;
    this.report = report;
    this.tickets = new Map(); // ticket -> when it is too old, in milliseconds of performance.now()
    this.guests = new Set(); // {connection, calls} that said hello
    this.draining = false;
    this.count = 0;
    this.timer = null;
    this.server = net.createServer((socket) => this.accept(socket));
    this.server.listen({ fd });
  }

  ticket({ ticket, ttl }) {
    const now = performance.now();
    for (const [known, until] of this.tickets) if (until < now) this.tickets.delete(known);
    this.tickets.set(ticket, now + ttl * 1000);
  }

  redeem({ op, ticket, protocol }) {
    const until = this.tickets.get(ticket);
    this.tickets.delete(ticket);
    return op === 'hello' && protocol === PROTOCOL && until !== undefined && until >= performance.now();
  }

  accept(socket) {
    if (this.draining) return socket.destroy();
    const guest = { calls: null };
    const late = setTimeout(() => guest.connection.close(), HELLO_WITHIN);
    guest.connection = new Connection(
      socket,
      this.limit,
      (header, payload) => (guest.calls ? this.serve(guest, header, payload) : this.greet(guest, header, late)),
      () => this.left(guest, late),
    );
  }

  greet(guest, header, late) {
    if (!this.redeem(header) || this.draining) return guest.connection.close();
    clearTimeout(late);
    guest.calls = new Calls(this.host, guest.connection, () => !this.draining);
    this.guests.add(guest);
    guest.connection.send({ op: 'welcome', protocol: PROTOCOL, max_message: this.limit });
    this.tell();
  }

  serve(guest, header, payload) {
    switch (header.op) {
      case 'call':
        guest.calls.begin(header, payload);
        this.counted();
        return;
      case 'cancel':
        return guest.calls.cancel(header);
      case 'credit':
        return guest.calls.credit(header);
      case 'ping':
        return guest.connection.send({ op: 'pong', id: header.id });
      default:
        throw new ProtocolError(`unknown operation "${header.op}"`);
    }
  }

  left(guest, late) {
    clearTimeout(late);
    if (!this.guests.delete(guest)) return;
    guest.calls.cancelAll('gone');
    this.tell();
  }

  counted() {
    this.count += 1;
    this.timer ||= setTimeout(() => this.tell(), REPORT_EVERY).unref();
  }

  tell() {
    clearTimeout(this.timer);
    this.timer = null;
    const guests = [...this.guests];
    // Who only keeps a connection must not hold up the end.
    const counted = this.draining ? guests.filter(({ calls }) => calls.running.size > 0) : guests;
    this.report({ connections: counted.length, calls: this.count });
  }

  drain() {
    if (this.draining) return;
    this.draining = true;
    for (const { connection, calls } of this.guests) {
      calls.emptied = () => this.tell();
      connection.send({ op: 'drain' });
    }
    this.tell();
  }

  /** Cancels every direct call; resolves when the faults are written. */
  async stop() {
    this.draining = true;
    const guests = [...this.guests];
    for (const { calls } of guests) calls.cancelAll('stopping');
    await Promise.all(guests.map(({ connection }) => connection.room()));
  }

  /** Sends one message to every direct caller. */
  broadcast(header, payload) {
    for (const { connection } of this.guests) connection.send(header, payload);
  }
}

module.exports = { Direct };
