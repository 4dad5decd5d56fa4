// The console's pure parts: arguments, the history of lines, and the events of a run.

import assert from 'node:assert';
import test from 'node:test';

import { splitArguments } from '../../../hangerd/web/pages/console/argv.js';
import { EventReader } from '../../../hangerd/web/pages/console/events.js';
import { Trouble, follow } from '../../../hangerd/web/pages/console/run.js';
import { History } from '../../../hangerd/web/pages/terminal/history.js';

test('arguments as a shell splits them', () => {
  for (const [line, words] of [
    ['', []],
    ['  a  b ', ['a', 'b']],
    [`'two words' "and \\"more\\""`, ['two words', 'and "more"']],
    [`--name='x y'z \\' a\\ b`, ['--name=x yz', "'", 'a b']],
    [`'' ""`, ['', '']],
    [`"\\n" '\\n' 'ž 🐍'`, ['\\n', '\\n', 'ž 🐍']],
  ]) assert.deepEqual(splitArguments(line), words, line);
  for (const line of [`a 'b`, `"`, `b \\`]) assert.throws(() => splitArguments(line), SyntaxError, line);
});

test('history: up to the first, down to what was begun', () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  const history = new History(storage, 'k');
  ['one', 'two', 'two', ''].forEach((line) => history.add(line));
  assert.deepEqual(['x', 'two', 'one'].map((shown) => history.walk(-1, shown)), ['two', 'one', null]);
  assert.deepEqual(['one', 'two', 'x'].map((shown) => history.walk(1, shown)), ['two', 'x', null]);
  assert.equal(new History(storage, 'k').walk(-1, ''), 'two');
});

test('a storage that fails or holds something else', () => {
  const broken = { getItem: () => { throw new Error('no'); }, setItem: () => { throw new Error('no'); } };
  const history = new History(broken, 'k');
  history.add('a');
  assert.equal(history.walk(-1, ''), 'a');
  for (const text of ['{}', '[', '[1]']) assert.equal(new History({ getItem: () => text }, 'k').walk(-1, ''), null);
});

const STREAM = 'id: 1\nevent: start\ndata: {"run": "r"}\n\n:\n\nid: 2\nevent: out\ndata: {"text": "a: b\\n"}\n\n';
const EVENTS = [{ event: 'start', data: { run: 'r' } }, { event: 'out', data: { text: 'a: b\n' } }];

test('events in any pieces', () => {
  assert.deepEqual(new EventReader().feed(STREAM), EVENTS);
  const reader = new EventReader();
  assert.deepEqual([...STREAM].flatMap((letter) => reader.feed(letter)), EVENTS);
});

/** Follow a run that a server answers so. */
async function followed(t, answer) {
  t.mock.method(globalThis, 'fetch', async () => answer());
  const events = [];
  try {
    for await (const found of follow('/run', [], new AbortController().signal)) events.push(...found);
  } catch (error) {
    assert.ok(error instanceof Trouble, error.stack);
    return [error.message, error.remedy].join(' ');
  }
  return events;
}

test('a run ends with its exit', async (t) => {
  const exit = 'id: 3\nevent: exit\ndata: {"status": 0}\n\n';
  const events = await followed(t, () => new Response(STREAM + exit));
  assert.deepEqual(events.map(({ event }) => event), ['start', 'out', 'exit']);
});

test('troubles are said in words', async (t) => {
  const busy = JSON.stringify({ message: 'Too many runs wait for a thread.', remedy: '' });
  for (const [answer, told] of [
    [() => { throw new TypeError('x'); }, /cannot be reached. Check your connection/],
    [() => new Response(STREAM), /connection was lost.*again/],
    [() => new Response('{}', { status: 404 }), /not there any more/],
    [() => new Response(busy, { status: 503, headers: { 'Retry-After': '7' } }), /busy. Too many.*in 7 seconds/],
    [() => new Response('<html>', { status: 502 }), /status 502/],
    [() => new Response('{"message": "No.", "remedy": "Do."}', { status: 413 }), /^No. Do.$/],
  ]) {
    assert.match(await followed(t, answer), told);
    t.mock.restoreAll();
  }
});
