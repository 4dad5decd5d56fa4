'use strict';
// Frames of docs/wire.md as bytes: cuts what is sent, finds what has come, puts pieces together.
// Knows no socket and no operation. Every limit is in bytes.

const MAX_FRAME = 16 * 1024 * 1024;
const MAX_HEADER = 64 * 1024;
const PIECE = 256 * 1024;
const EMPTY = Buffer.alloc(0);
const IN_PIECES = new Set(['call']); // of what a runner receives, only this may come in pieces

class ProtocolError extends Error {}

/** One frame as a Buffer. */
function encodeFrame(header, payload) {
  const head = JSON.stringify(header);
  const length = Buffer.byteLength(head);
  const frame = Buffer.allocUnsafe(8 + length + payload.length);
  frame.writeUInt32BE(4 + length + payload.length, 0);
  frame.writeUInt32BE(length, 4);
  frame.write(head, 8);
  if (payload.length) frame.set(payload, 8 + length);
  return frame;
}

/** The frames of one message, each made when it is asked for: a large payload is not copied whole. */
function* encodePieces(header, payload) {
  let first = { ...header, more: true };
  let at = 0;
  for (; payload.length - at > PIECE; at += PIECE) {
    yield encodeFrame(first, payload.subarray(at, at + PIECE));
    first = { op: header.op, id: header.id, more: true };
  }
  yield encodeFrame({ op: header.op, id: header.id }, payload.subarray(at));
}

/** Finds frames in a stream of chunks. */
class FrameReader {
  constructor() {
    this.chunks = [];
    this.size = 0;
    this.wanted = 4;
  }

  /** Calls receive(header, payload) for every frame that `chunk` completes. */
  feed(chunk, receive) {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size < this.wanted) return;
    let data = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.size);
    let at = 0;
    for (;;) {
      const left = data.length - at;
      this.wanted = left < 4 ? 4 : 4 + checkedLength(data.readUInt32BE(at), 4, MAX_FRAME, 'frame');
      if (left < this.wanted) break;
      const end = at + this.wanted;
      deliver(data.subarray(at + 4, end), receive);
      at = end;
    }
    data = data.subarray(at);
    this.chunks = data.length ? [data] : [];
    this.size = data.length;
  }
}

function checkedLength(length, least, most, what) {
  if (length < least || length > most) throw new ProtocolError(`a ${what} of ${length} bytes`);
  return length;
}

function deliver(body, receive) {
  const length = checkedLength(body.readUInt32BE(0), 2, Math.min(MAX_HEADER, body.length - 4), 'header');
  let header;
  try {
    header = JSON.parse(body.toString('utf8', 4, 4 + length));
  } catch {
    throw new ProtocolError('a header that is not JSON');
  }
  if (header === null || typeof header !== 'object' || typeof header.op !== 'string') {
    throw new ProtocolError('a header without an operation');
  }
  if (header.id !== undefined && !(Number.isSafeInteger(header.id) && header.id >= 1)) {
    throw new ProtocolError('an id that is not a whole number from 1');
  }
  receive(header, body.subarray(4 + length));
}

/** Puts the pieces of calls together; `limit` is the largest whole payload. */
class Assembler {
  constructor(limit) {
    this.limit = limit;
    this.unfinished = new Map();
  }

  /** The whole message {header, payload} that this frame completes, or null. */
  add(header, payload) {
    if (header.op === 'call' && header.id === undefined) throw new ProtocolError('a call without an id');
    const begun = this.unfinished.get(header.id);
    if (!header.more && begun === undefined) return this.whole(header, [payload], payload.length);
    if (!IN_PIECES.has(header.op)) {
      if (header.more) throw new ProtocolError(`"${header.op}" in pieces`);
      return { header, payload };
    }
    if (header.more && !payload.length) throw new ProtocolError('an empty piece');
    return this.piece(begun || this.begin(header), header, payload);
  }

  begin(header) {
    const begun = { header, parts: [], size: 0, dropped: false };
    this.unfinished.set(header.id, begun);
    return begun;
  }

  piece(begun, header, payload) {
    if (!header.more) this.unfinished.delete(header.id);
    if (begun.dropped) return null;
    begun.size += payload.length;
    begun.parts.push(payload);
    if (begun.size > this.limit) throw new ProtocolError('a message over the limit');
    return header.more ? null : this.whole(begun.header, begun.parts, begun.size);
  }

  whole(header, parts, size) {
    if (size > this.limit) throw new ProtocolError('a message over the limit');
    return { header, payload: parts.length === 1 ? parts[0] : Buffer.concat(parts, size) };
  }

  /** Forgets a call whose pieces have not all come; says whether there was one. */
  drop(id) {
    const begun = this.unfinished.get(id);
    if (begun === undefined || begun.dropped) return false;
    begun.dropped = true;
    begun.parts = [];
    return true;
  }
}

module.exports = { Assembler, EMPTY, FrameReader, PIECE, ProtocolError, encodeFrame, encodePieces };
