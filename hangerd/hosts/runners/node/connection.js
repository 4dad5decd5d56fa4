'use strict';
// One socket that speaks frames: hands whole messages on, writes messages without holding up small ones.

const { Assembler, EMPTY, FrameReader, PIECE, encodeFrame, encodePieces } = require('./frames');
const { Outbox } = require('./outbox');

class Connection {
  /**
   * receive(header, payload) gets every message; closed(error) is called once, with undefined at the end of file.
   * @param limit the largest message taken, in bytes
   */
  constructor(socket, limit, receive, closed) {
    this.socket = socket;
    this.assembler = new Assembler(limit);
    this.outbox = new Outbox();
    this.blocked = false;
    this.open = true;
    this.waiting = [];
    this.closed = closed;
    const reader = new FrameReader();
    const take = (header, payload) => this.take(header, payload, receive);
    socket.on('data', (chunk) => {
      try {
        reader.feed(chunk, take);
      } catch (error) {
        this.close(error);
      }
    });
    socket.on('drain', () => this.unblock());
    socket.on('error', (error) => this.close(error));
    socket.on('end', () => this.close());
    socket.on('close', () => this.close());
  }

  take(header, payload, receive) {
    if (!this.open) return;
    const message = this.assembler.add(header, payload);
    if (message) receive(message.header, message.payload);
  }

  /** Sends one message; a payload is a Buffer. Never blocks: see `room`. */
  send(header, payload = EMPTY) {
    if (!this.open) return;
    if (payload.length <= PIECE && !this.blocked && this.outbox.empty) {
      this.blocked = !this.socket.write(encodeFrame(header, payload));
      return;
    }
    const frames = payload.length > PIECE ? encodePieces(header, payload) : [encodeFrame(header, payload)].values();
    this.outbox.push(header.op === 'pong' ? 'pong' : header.id, frames);
    this.flush();
  }

  flush() {
    while (!this.blocked) {
      const frame = this.outbox.next();
      if (frame === null) break;
      this.blocked = !this.socket.write(frame);
    }
    if (this.roomy) for (const resume of this.waiting.splice(0)) resume();
  }

  unblock() {
    this.blocked = false;
    this.flush();
  }

  get roomy() {
    return !this.open || (!this.blocked && this.outbox.empty);
  }

  /** Resolves when what was sent before has left for the socket (or the socket is gone). */
  room() {
    return this.roomy ? undefined : new Promise((resume) => this.waiting.push(resume));
  }

  /** Writes out what was sent, then ends the connection; resolves when that is done. */
  async finish() {
    await this.room();
    this.closed = () => {};
    if (this.open) await new Promise((done) => this.socket.end(done));
  }

  close(error) {
    if (!this.open) return;
    this.open = false;
    this.socket.destroy();
    for (const resume of this.waiting.splice(0)) resume();
    this.closed(error);
  }
}

module.exports = { Connection };
