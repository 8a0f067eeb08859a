import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csv } from './csv.ts';

test('fields that a spreadsheet would run as a formula are text', () => {
  const attacks = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '\u00A0=1'];
  expect(csv([attacks.slice(0, 4)])).toBe(`"'=1+1","'+1","'-1","'@SUM(A1)"\r\n`);
  for (const attack of attacks) expect(csv([[attack]])).toMatch(/^"'/);
});

test('signs in full width, which some spreadsheets read as the plain ones, begin no formula either', () => {
  for (const sign of ['\uFF1D', '\uFF0B', '\uFF0D', '\uFF20'])
    for (const attack of [`${sign}1`, ` ${sign}1`]) expect(csv([[attack]])).toBe(`"'${attack}"\r\n`);
});

test('nothing begins a formula where a spreadsheet splits at semicolons or tabs, and knows no quotes within a cell', () => {
  const attacks = [
    'x";=1+1;"',
    'x;=1+1',
    ';=1+1',
    'x; \t =1+1',
    'x;"=1+1"',
    'x;";"@SUM(1)',
    'two\n=1+1',
    'two\r\n\uFF1D1',
    'x;;;-1',
    'x\t+1',
  ];
  for (const attack of attacks) {
    const line = csv([['item', attack, 'end']]);
    for (const cell of line.split(/[;\t\r\n]/)) expect(cell).not.toMatch(/^[\s"]*[=+\-@＝＋－＠]/);
  }
  expect(csv([['a;b', '1;2-3', 'x;y=1', 'a - b']])).toBe('a;b,1;2-3,x;y=1,a - b\r\n');
  const long = ';\n'.repeat(200_000);
  expect(csv([[long]])).toHaveLength(long.length + 4);
});

test('quotes, commas and line breaks are quoted', () => {
  expect(csv([['plain', 'a,b', 'say "x"', 'two\nlines']])).toBe('plain,"a,b","say ""x""","two\nlines"\r\n');
});

test('every field can be read back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), { minLength: 1 }),
      (rows) => {
        const read = parse(csv(rows)).map((row) =>
          row.map((field) =>
            field
              .replace(/^'(?=[\s";]*[=+\-@＝＋－＠\t\r])/, '')
              .replace(/([;\t\r\n])'(?=[\s"]*[=+\-@＝＋－＠])/g, '$1'),
          ),
        );
        expect(read).toEqual(rows);
      },
    ),
  );
});

/** A plain RFC 4180 reader. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const token = /(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n)/gy;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    row.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
    if (token.lastIndex === text.length) break;
  }
  return rows;
}
