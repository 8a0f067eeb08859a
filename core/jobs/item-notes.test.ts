import { expect, test } from 'vitest';
import type { PlanItem } from '../planner/plan.ts';
import { itemNotes } from './item-notes.ts';
import type { ReportedItem } from './reported-items.ts';

const CLIENT: PlanItem = {
  section: 'clients',
  key: 'shop-web',
  action: 'create',
  reason: 'only-in-source',
  changes: [],
  warnings: [],
  notes: [{ kind: 'new-client-secret' }],
};

const told = (reported: Omit<ReportedItem, 'item'>): string[] =>
  itemNotes({ item: CLIENT, ...reported }).map(({ kind, text }) => `${kind}: ${text}`);

test('what stands there is told as done, and what may stand there as planned', () => {
  const got = [expect.stringMatching(/^new-client-secret: It got a new client secret, .*: give it to /)];
  expect(told({ outcome: 'done' })).toEqual(got);
  expect(told({ outcome: 'deviates' })).toEqual(got);
  expect(told({ outcome: 'failed', found: 'other' })).toEqual(got);
  expect(told({ outcome: 'unknown' })).toEqual([expect.stringContaining('will be issued')]);
});

test('of what is not there nobody has to be told', () => {
  expect(told({ outcome: 'not-written' })).toEqual([]);
  expect(told({ outcome: 'failed', reason: 'Refused.' })).toEqual([]);
  expect(told({ outcome: 'failed', found: 'absent' })).toEqual([]);
});

test('a record of which nothing has to be known has no notes', () => {
  const { notes: _none, ...item } = CLIENT;
  expect(itemNotes({ item, outcome: 'done' })).toEqual([]);
});
