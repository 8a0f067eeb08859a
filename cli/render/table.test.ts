import { expect, test } from 'vitest';
import { table } from './table.ts';
import { displayWidth, truncate } from './width.ts';

test('widths on a terminal: East Asian, combining, emoji', () => {
  const widths: [string, number][] = [
    ['alice', 5],
    ['李小龍', 6],
    ['ｆｕｌｌ', 8],
    ['ﾊﾝｶｸ', 4],
    ['안녕', 4],
    ['\u1112\u1161\u11AB', 2],
    ['zoe\u0308', 3],
    ['👩‍👩‍👧‍👦', 2],
    ['🇰🇭', 2],
    ['❤\uFE0F', 2],
    ['❤', 1],
    ['1#*', 3],
    ['សួស្តី', 3],
    ['مريم', 4],
    ['\u200b', 0],
    ['。', 2],
    ['—…“”', 4],
  ];
  for (const [text, width] of widths) expect(displayWidth(text), text).toBe(width);
});

test('columns line up whatever the script', () => {
  const lines = table(
    [{ title: 'Name' }, { title: 'Users', align: 'right' }, { title: 'Note' }],
    [
      ['李小龍', '1', 'x'],
      ['zoe\u0308', '1,000', 'y'],
      ['a\nb', '22', ''],
    ],
  );
  expect(lines).toEqual([
    'Name    Users  Note',
    '李小龍      1  x',
    'zoe\u0308     1,000  y',
    'a\\nb       22',
  ]);
  expect(
    new Set(lines.map((line) => displayWidth(line.slice(0, line.search(/\d(?= |$)/) + 1)))).size,
  ).toBeLessThan(3);
});

test('a cell’s colour does not count as width, and its text is made harmless', () => {
  const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
  expect(
    table(
      [{ title: '' }, { title: '' }],
      [
        [{ text: 'a\u001b', paint: red }, 'b'],
        ['longer name', 'c'],
      ],
    ),
  ).toEqual([`${red('a\\u{1B}')}      b`, 'longer name  c']);
});

test('what is too long is cut at a whole character', () => {
  expect(truncate('李小龍李小龍', 6)).toBe('李小…');
  expect(truncate('alice', 5)).toBe('alice');
  expect(truncate('alice!', 5)).toBe('alic…');
});
