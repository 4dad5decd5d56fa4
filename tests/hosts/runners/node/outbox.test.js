'use strict';
// What waits to be written: ids take turns, messages of one id keep their order.

const assert = require('node:assert');
const test = require('node:test');

const { Outbox } = require(`${__dirname}/../../../../hangerd/hosts/runners/node/outbox`);

function drain(outbox) {
  const frames = [];
  for (let frame = outbox.next(); frame !== null; frame = outbox.next()) frames.push(frame);
  return frames;
}

test('nothing waits at first', () => {
  const outbox = new Outbox();
  assert.equal(outbox.empty, true);
  assert.equal(outbox.next(), null);
});

test('ids take turns', () => {
  const outbox = new Outbox();
  outbox.push(1, ['1a', '1b', '1c'].values());
  outbox.push(2, ['2a'].values());
  outbox.push(3, ['3a', '3b'].values());
  assert.deepEqual(drain(outbox), ['1a', '2a', '3a', '1b', '3b', '1c']);
  assert.equal(outbox.empty, true);
});

test('messages of one id do not overlap', () => {
  const outbox = new Outbox();
  outbox.push(1, ['item 1', 'item 2'].values());
  outbox.push(1, ['end'].values());
  outbox.push(undefined, ['other'].values());
  assert.deepEqual(drain(outbox), ['item 1', 'other', 'item 2', 'end']);
});
