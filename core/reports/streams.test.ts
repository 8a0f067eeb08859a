import { expect, test } from 'vitest';
import { REPORT_FORMATS, type ReportItem } from '../../contract/report.ts';
import { renderReport } from './render-report.ts';
import { manyOf, reportOf, sourceOf, textOf } from './testing/sources.ts';

const COUNT = 300_000;

test.each(REPORT_FORMATS)('%s: pieces come as they are asked for, and none is long', async (format) => {
  let read = 0;
  const item = (at: number): ReportItem => {
    read = at;
    return {
      section: 'users',
      key: `u${at}`,
      action: 'create',
      outcome: 'done',
      text: 'Only in the source.',
    };
  };
  const source = {
    ...sourceOf(reportOf({})),
    failures: () => manyOf(COUNT, (at) => ({ section: 'users' as const, key: `u${at}`, reason: 'no' })),
    items: () => manyOf(COUNT, item),
  };
  let longest = 0;
  let ahead = 0;
  let asked = 0;
  let rows = 0;
  for await (const piece of renderReport(source, format)) {
    longest = Math.max(longest, piece.length);
    rows += piece.split('u299999').length - 1;
    // Held against what has come out: a renderer that collects what it reads would be far ahead of it.
    asked = Math.max(asked, ...[...piece.matchAll(/item,done,users,u(\d+)/g)].map(([, at]) => Number(at)));
    ahead = Math.max(ahead, read - asked);
  }
  expect(longest).toBeLessThan(250_000);
  if (format === 'csv') expect(ahead).toBeLessThan(2000);
  if (format === 'csv' || format === 'json') expect(rows).toBe(2);
});

test('JSON is one document, with what is listed in pieces', async () => {
  const source = {
    ...sourceOf(reportOf({}, { asked: { plan: 'plan1' } })),
    steps: () => manyOf(2500, (seq) => ({ seq, label: 's', startedAt: '', outcome: 'done' as const })),
    failures: () => manyOf(1500, (at) => ({ section: 'users' as const, key: `u${at}`, reason: '\u001b[2J' })),
  };
  const text = await textOf(renderReport(source, 'json'));
  expect([text.indexOf('\n'), text.includes('\u001b')]).toEqual([text.length - 1, false]);
  const document = JSON.parse(text) as Record<string, unknown[]>;
  expect(document).toMatchObject({ asked: { plan: 'plan1' }, items: [] });
  expect([document['steps']!.length, document['failures']!.length]).toEqual([2500, 1500]);
});

test('CSV has every record with its planned action and its outcome, and runs no formula', async () => {
  const items: ReportItem[] = [
    {
      section: 'users',
      key: '=1+1',
      action: 'create',
      outcome: 'done',
      text: 'Only in the source.',
      notes: [{ kind: 'no-password', text: 'It has no password.' }],
    },
    { section: 'users', key: 'eve', action: 'skip', outcome: 'left', text: 'Left, "as it is".' },
  ];
  const text = await textOf(renderReport(sourceOf(reportOf({}), items), 'csv'));
  expect(text.split('\r\n').slice(0, 1)).toEqual([
    'kind,outcome,section,key,text,startedAt,finishedAt,action,notes',
  ]);
  expect(text.split('\r\n').slice(2)).toEqual([
    `item,done,users,"'=1+1",Only in the source.,,,create,no-password: It has no password.`,
    'item,left,users,eve,"Left, ""as it is"".",,,skip,',
    '',
  ]);
});
