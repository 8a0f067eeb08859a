import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { JobItemFailure, JournalStep } from '../catalog/jobs/job.ts';
import type { Section } from '../model/sections.ts';
import type { PlanItem } from '../planner/plan.ts';
import { reachOf, reportedItems, type Reach } from './reported-items.ts';

const stagingDir = mkdtempSync(join(tmpdir(), 'drawbridge-items-'));
afterAll(() => rmSync(stagingDir, { recursive: true, force: true }));

type Document = Parameters<typeof reachOf>[1] & Parameters<typeof reportedItems>[0]['document'];
const DOCUMENT = {
  policy: {},
  route: { channel: 'admin-api', transactional: false },
  summary: { mode: 'merge' },
} as unknown as Document;

function item(section: Section, key: string, action: PlanItem['action'] = 'create'): PlanItem {
  const isWritten = action === 'create' || action === 'update';
  return {
    section,
    key,
    action,
    reason: 'only-in-source',
    changes: [],
    warnings: [],
    ...(isWritten && { write: {} }),
  };
}

function step(outcome: 'done' | 'failed' | null, lastKey: string, more = {}): JournalStep {
  const intent = { items: 500, direct: true, lastSection: 'users', lastKey, actions: ['create'], ...more };
  return { seq: 1, label: '', intent, intentAt: '', outcome, result: null, outcomeAt: null };
}

async function outcomes(
  items: PlanItem[],
  failures: JobItemFailure[],
  reach: Reach,
  deviates: (section: Section, key: string) => boolean = () => false,
): Promise<string[]> {
  async function* batches() {
    for (const one of items) yield [one];
  }
  const lines: string[] = [];
  const from = { items: batches(), failures: [failures], reach, document: DOCUMENT, deviates, stagingDir };
  for await (const batch of reportedItems({ ...from, signal: new AbortController().signal }))
    for (const {
      item: { key },
      outcome,
      reason = '',
      found = '',
    } of batch)
      lines.push(`${key} ${outcome} ${reason} ${found}`.trim());
  return lines;
}

const ITEMS = [
  item('roles', 'b', 'unchanged'),
  item('roles', 'z'),
  item('users', 'a'),
  item('users', 'b\uE000', 'skip'),
  item('users', 'b\u{10000}'),
  item('users', 'c', 'delete'),
];

it('joins failures, in whatever order they happened, with the items', async () => {
  const failures: JobItemFailure[] = [
    { section: 'users', key: 'c', reason: 'third' },
    { section: 'users', key: 'b\u{10000}', reason: 'second' },
    { section: 'roles', key: 'z', reason: 'first', found: 'as-before' },
    // Not of the plan: it is passed over.
    { section: 'users', key: 'aa', reason: 'stray' },
  ];
  expect(await outcomes(ITEMS, failures, 'everything')).toEqual([
    'b left',
    'z failed first as-before',
    'a done',
    'b\uE000 left',
    'b\u{10000} failed second',
    'c failed third',
  ]);
});

it('of a job that was broken off: what was done, what is not known, and what was not come to', async () => {
  expect(await outcomes(ITEMS, [], new Map([['create', { done: '1/z', open: '5/b' }]]))).toEqual([
    'b left',
    'z done',
    'a unknown',
    'b\uE000 left',
    'b\u{10000} not-written',
    'c not-written',
  ]);
});

it('what was not as promised deviates', async () => {
  const lines = await outcomes(ITEMS, [], 'everything', (section, key) => section === 'users' && key === 'a');
  expect(lines[2]).toBe('a deviates');
});

it('knows from the journal how far it came', () => {
  const ended = {};
  const steps = [
    step('done', 'a', { lastSection: 'roles', actions: ['create', 'update'] }),
    step('done', 'f'),
    step('done', 'm'),
    step(null, 'z'),
  ];
  // Changes are written after creations here: those of users were not come to.
  expect(reachOf(ended, DOCUMENT, false, steps)).toEqual(
    new Map([
      ['create', { done: '5/m', open: '5/z' }],
      ['update', { done: '1/a', open: '' }],
    ]),
  );
  expect(reachOf(ended, DOCUMENT, false, [step('done', 'f'), step('failed', 'm')])).toEqual(
    new Map([['create', { done: '5/f', open: '' }]]),
  );
  const oneByOne = { route: { ...DOCUMENT.route, survivors: ['roles'] } } as unknown as Document;
  expect(reachOf(ended, oneByOne, false, [step('done', 'f'), step('failed', 'm')])).toEqual(
    new Map([['create', { done: '5/f', open: '5/m' }]]),
  );
  // One by one, the realm goes after its users, though it comes before them in the order of the items.
  const going = [
    step('done', 'z', { actions: ['delete'] }),
    step(null, 'acme', { lastSection: 'realm', actions: ['delete'] }),
  ];
  expect(reachOf(ended, oneByOne, false, going)).toEqual(
    new Map([
      ['delete', { done: '5/z', open: '' }],
      ['realm-deletion', { done: '', open: '0/acme' }],
    ]),
  );
  expect(reachOf({ result: {} }, DOCUMENT, false, steps)).toBe('everything');
  // Written whole, although the verification failed after it.
  expect(reachOf(ended, DOCUMENT, true, steps)).toBe('everything');
  // What was staged in a transaction that was never committed is nothing.
  expect(reachOf(ended, DOCUMENT, false, [step('done', 'f', { direct: false })])).toBe('nothing');
  expect(reachOf(ended, DOCUMENT, false, [step(null, 'f', { direct: false, facts: {} })])).toBe('unknown');
  const written = { environment: 'prod', realm: 'acme', databases: [], text: '' };
  expect(reachOf({ written: { ...written, state: 'nothing' } }, DOCUMENT, false, steps)).toBe('nothing');
  expect(reachOf({ written: { ...written, state: 'part' } }, DOCUMENT, false, steps)).toBe('unknown');
  // By an earlier Drawbridge, whose steps did not tell what they wrote.
  expect(reachOf(ended, DOCUMENT, false, [step('done', 'f', { actions: undefined })])).toBe('unknown');
});
