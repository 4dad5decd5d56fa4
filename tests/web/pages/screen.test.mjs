// The terminal's model: what is on the screen after what was written, in any pieces, and what it costs to keep.

import assert from 'node:assert';
import test from 'node:test';

import { COLUMNS, ROWS, Screen } from '../../../hangerd/web/pages/terminal/screen.js';

function written(...pieces) {
  const screen = new Screen();
  const stream = screen.stream();
  pieces.forEach((piece) => stream.feed(piece));
  return screen;
}

/** What is written, and the text that is then there. */
const TEXTS = {
  'lines': ['a\nb\n', 'a\nb\n'],
  'a carriage return': ['50 %\r100 %', '100 %'],
  'a shorter line over a longer': ['longer\rsho', 'shoger'],
  'a line break of two': ['a\r\nb', 'a\nb'],
  'a backspace': ['ab\b\bc', 'cb'],
  'a tab': ['a\tb\r\t!', 'a       !'],
  'erase to the end': ['abcdef\r\x1b[2C\x1b[K', 'ab'],
  'erase to the start': ['abcdef\x1b[3D\x1b[1K', '    ef'],
  'erase all of the line': ['abc\x1b[2K\rx', 'x'],
  'up and over': ['one\ntwo\nthree\x1b[2A\rONE', 'ONE\ntwo\nthree'],
  'up no further than the first': ['a\x1b[9Ab', 'ab'],
  'a column by number': ['abc\x1b[2GX', 'aXc'],
  'gaps are blank': ['\x1b[4Cx', '    x'],
  'save and restore': ['ab\x1b7cd\x1b8X', 'abXd'],
  'clear and home': ['old\nold\x1b[2J\x1b[Hnew', 'new\n'],
  'erase below': ['a\nb\nc\x1b[2A\r\x1b[J', '\n\n'],
  'place': ['\x1b[2;3Hx', '\n  x'],
  'letters beyond the first plane': ['🐍🐍\rx', 'x🐍'],
  'titles and links': ['\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b\x1b]8;;\x1b\\', 'ab'],
  'unknown sequences': ['\x1b[?25la\x1b[?25h\x1b(Bb\x07\x00', 'ab'],
};

for (const [name, [said, shown]] of Object.entries(TEXTS)) {
  test(`${name}, whole and letter by letter`, () => {
    assert.equal(written(said).text, shown);
    assert.equal(written(...said).text, shown);
  });
}

function stretches(said) {
  return written(said).lines[0].stretches.map(({ text, style }) => [text, style.classes, style.front, style.back]);
}

test('colours and looks', () => {
  assert.deepEqual(stretches('a\x1b[1;31mb\x1b[22;39mc'), [['a', '', '', ''], ['b', 'b f1', '', ''], ['c', '', '', '']]);
  assert.deepEqual(stretches('\x1b[97;104ma\x1b[mb'), [['a', 'f15 k12', '', ''], ['b', '', '', '']]);
  assert.deepEqual(stretches('\x1b[38;5;9;48;5;16ma'), [['a', 'f9', '', '#000000']]);
  assert.deepEqual(stretches('\x1b[38;5;208;48;2;1;2;3ma'), [['a', '', '#ff8700', '#010203']]);
  assert.deepEqual(stretches('\x1b[38;5;244ma\x1b[38;5;999mb'), [['a', '', '#808080', ''], ['b', '', '', '']]);
});

test('what is written over keeps the looks of the rest', () => {
  assert.deepEqual(stretches('\x1b[31mabcd\x1b[m\r\x1b[CX').map(([text, looks]) => [text, looks]), [
    ['a', 'f1'],
    ['X', ''],
    ['cd', 'f1'],
  ]);
});

test('two streams have colours of their own and one cursor', () => {
  const screen = new Screen();
  const [out, err] = [screen.stream(), screen.stream('e')];
  out.feed('\x1b[32mgreen \x1b[');
  err.feed('wrong ');
  out.feed('1mbold');
  const looks = screen.lines[0].stretches.map(({ text, style }) => [text, style.classes]);
  assert.deepEqual(looks, [['green ', 'f2'], ['wrong ', 'e'], ['bold', 'b f2']]);
});

test('the oldest lines go, and are counted', () => {
  const screen = new Screen({ most: 100 });
  const stream = screen.stream();
  for (let n = 0; n < 1000; n += 1) stream.feed(`${n}\n`);
  assert.ok(screen.lines.length >= 100 && screen.lines.length < 110);
  assert.equal(screen.dropped + screen.lines.length, 1001);
  assert.equal(screen.lines[0].text, `${screen.dropped}`);
  assert.equal(screen.row, 1000);
  assert.ok(screen.changed.size < 110);
});

test('long lines go on in the next, and are whole in the text', () => {
  const screen = new Screen({ largest: 50_000 });
  screen.stream().feed('x'.repeat(COLUMNS + 1));
  assert.deepEqual(screen.lines.map(({ length, continued }) => [length, continued]), [[COLUMNS, false], [1, true]]);
  assert.equal(screen.text.length, COLUMNS + 1);
  screen.stream().feed('y'.repeat(1_000_000));
  assert.ok(screen.text.length <= 50_000 + COLUMNS);
});

test('no sequence makes it large', () => {
  const screen = written('\x1b[999999999Ca', '\x1b[999999999Bb', '\x1b[999999999;999999999Hc', `\x1b]${'x'.repeat(10_000)}`);
  assert.ok(screen.lines.length <= 2 * ROWS);
  assert.ok(screen.lines.every(({ length }) => length <= COLUMNS));
});

test('a cursor moves within the last rows only', () => {
  const lines = Array.from({ length: 50 }, (_, n) => n);
  const screen = written(lines.join('\n'), '\x1b[99A\rX');
  assert.equal(screen.lines[50 - ROWS].text[0], 'X');
  assert.equal(screen.lines[0].text, '0');
});
