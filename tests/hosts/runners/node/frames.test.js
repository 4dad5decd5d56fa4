'use strict';
// The codec of the Node runner: any cuts of the bytes give the same frames, and junk gives ProtocolError alone.

const assert = require('node:assert');
const test = require('node:test');

const runner = `${__dirname}/../../../../hangerd/hosts/runners/node`;
const { Assembler, FrameReader, PIECE, ProtocolError, encodeFrame, encodePieces } = require(`${runner}/frames`);

function read(...chunks) {
  const frames = [];
  const reader = new FrameReader();
  for (const chunk of chunks) reader.feed(chunk, (header, payload) => frames.push([header, payload.toString('latin1')]));
  return frames;
}

function raw(size, head, rest = '') {
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(size, 0);
  lengths.writeUInt32BE(head, 4);
  return Buffer.concat([lengths, Buffer.from(rest, 'latin1')]);
}

/** The same numbers in every run. */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * sides);
  };
}

test('a frame is what the page shows', () => {
  assert.deepEqual(encodeFrame({ op: 'x' }, Buffer.from('ab')), raw(16, 10, '{"op":"x"}ab'));
});

test('frames are found in any cuts', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const roll = dice(seed);
    const sent = Array.from({ length: roll(6) }, (_, id) => [{ op: 'call', id: id + 1 }, 'x'.repeat(roll(40))]);
    const stream = Buffer.concat(sent.map(([header, payload]) => encodeFrame(header, Buffer.from(payload))));
    const chunks = [];
    for (let at = 0; at < stream.length; ) {
      const end = at + 1 + roll(seed % 2 ? 8 : 60);
      chunks.push(stream.subarray(at, end));
      at = end;
    }
    assert.deepEqual(read(...chunks), sent);
  }
});

test('junk raises nothing but ProtocolError', () => {
  for (let seed = 1; seed <= 2000; seed += 1) {
    const roll = dice(seed);
    const junk = Buffer.from(Array.from({ length: roll(40) }, () => [0, 0, 2, 123, 125, 255, roll(256)][roll(7)]));
    try {
      read(junk);
    } catch (error) {
      assert.ok(error instanceof ProtocolError, error.stack);
    }
  }
});

test('what is no frame is refused', () => {
  const texts = ['', '{', '[]', '1', 'null', '{}', '{"op":1}', '{"op":"x","id":0}', '{"op":"x","id":"1"}', '{"op":"x","id":1.5}'];
  for (const text of texts) assert.throws(() => read(raw(4 + text.length, text.length, text)), ProtocolError);
  for (const [size, head] of [[3, 0], [1 << 25, 2]]) assert.throws(() => read(raw(size, head)), ProtocolError);
  assert.throws(() => read(raw(6, 3, '{}')), ProtocolError);
});

test('large payloads are cut, and the first piece carries the header', () => {
  const sizes = (size) => {
    const frames = read(...encodePieces({ op: 'result', id: 7, type: 'bytes' }, Buffer.alloc(size)));
    return frames.map(([header, payload]) => [header.type, header.more, payload.length]);
  };
  assert.deepEqual(sizes(2 * PIECE + 1), [
    ['bytes', true, PIECE],
    [undefined, true, PIECE],
    [undefined, undefined, 1],
  ]);
  assert.deepEqual(sizes(2 * PIECE).length, 2);
});

test('pieces are joined by number', () => {
  const assembler = new Assembler(10);
  const add = (id, more, text) => assembler.add({ op: 'call', id, more }, Buffer.from(text));
  assert.equal(add(1, true, 'a'), null);
  assert.equal(add(2, true, 'c'), null);
  assert.equal(assembler.add({ op: 'cancel', id: 1 }, Buffer.alloc(0)).header.op, 'cancel');
  assert.equal(add(1, false, 'b').payload.toString(), 'ab');
  assert.equal(add(2, false, '').payload.toString(), 'c');
});

test('what an assembler refuses', () => {
  const assembler = new Assembler(10);
  const refused = (header, size) => assert.throws(() => assembler.add(header, Buffer.alloc(size)), ProtocolError);
  refused({ op: 'call', id: 1 }, 11);
  refused({ op: 'call' }, 1);
  refused({ op: 'call', id: 1, more: true }, 0);
  refused({ op: 'stop', more: true }, 1);
  assembler.add({ op: 'call', id: 2, more: true }, Buffer.alloc(6));
  refused({ op: 'call', id: 2 }, 5);
});

test('a dropped call is swallowed to its last piece', () => {
  const assembler = new Assembler(10);
  const add = (more, size) => assembler.add({ op: 'call', id: 1, more }, Buffer.alloc(size));
  assert.equal(assembler.drop(1), false);
  add(true, 1);
  assert.equal(assembler.drop(1), true);
  assert.equal(assembler.drop(1), false);
  assert.equal(add(true, 20), null);
  assert.equal(add(false, 0), null);
  assert.notEqual(add(false, 3), null);
});
