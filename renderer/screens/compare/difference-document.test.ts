import { describe, expect, it } from 'vitest';
import type { DifferenceView } from '../../../contract/comparison.ts';
import { differenceDocument, type DocumentFormat } from './difference-document.ts';

const changed: DifferenceView = {
  section: 'users',
  key: '=HYPERLINK("http://evil")',
  kind: 'changed',
  changes: [
    { member: 'roles', from: ['a'], to: ['a', 'b'] },
    { member: 'email', from: '@sum', to: undefined },
    { member: 'secretHash', unknown: 'left' },
  ],
};
const added: DifferenceView = { section: 'roles', key: 'one, "two"', kind: 'added', changes: [] };
const comparison = { left: 'l1', right: 'r1', sections: {} };

async function* pagesOf(...pages: DifferenceView[][]): AsyncGenerator<DifferenceView[]> {
  yield* pages;
}

async function written(format: DocumentFormat, ...pages: DifferenceView[][]): Promise<string> {
  let text = '';
  for await (const piece of differenceDocument(format, comparison, pagesOf(...pages))) text += piece;
  return text;
}

describe('a document of differences', () => {
  it('is JSON of all of them, however the pages are cut', async () => {
    for (const pages of [[[changed, added]], [[changed], [], [added]], [[], [changed], [added]]])
      expect(JSON.parse(await written('json', ...pages))).toEqual({
        left: 'l1',
        right: 'r1',
        sections: {},
        differences: JSON.parse(JSON.stringify([changed, added])),
      });
    expect(JSON.parse(await written('json'))).toMatchObject({ differences: [] });
  });

  it('is CSV with a row for each member, of which a spreadsheet runs none', async () => {
    expect(await written('csv', [changed], [added])).toBe(
      [
        'section,record,kind,member,from,to,unknown to',
        `users,"'=HYPERLINK(""http://evil"")",changed,roles,"[""a""]","[""a"",""b""]",`,
        `users,"'=HYPERLINK(""http://evil"")",changed,email,"'@sum",,`,
        `users,"'=HYPERLINK(""http://evil"")",changed,secretHash,,,left`,
        `roles,"one, ""two""",added,,,,`,
        '',
      ].join('\r\n'),
    );
  });
});
