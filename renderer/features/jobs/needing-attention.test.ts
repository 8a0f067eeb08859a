import { expect, it } from 'vitest';
import type { JobView } from '../../../contract/job.ts';
import { needingAttention } from './needing-attention.ts';

let number = 0;
const acme = { environment: 'prod', realm: 'acme' };

function job(of: Partial<JobView>): JobView {
  const id = `j${++number}`;
  return {
    id,
    kind: 'apply',
    title: `Apply plan ${id}`,
    state: 'succeeded',
    createdAt: '2026-01-01T00:00:00Z',
    attempts: 1,
    resumable: false,
    ...of,
  };
}

const applied = (of: Partial<JobView> = {}, plan = 'p'): JobView =>
  job({
    ...of,
    result: { kind: 'apply', result: { ...acme, plan, status: 'succeeded' } } as JobView['result'],
  });

/** Of jobs in the order in which they were begun, those that are left. */
const left = (...jobs: readonly JobView[]): JobView[] => needingAttention(jobs.toReversed());

it('leaves out what a later job has done on the same realm', () => {
  for (const state of ['failed', 'interrupted'] as const) {
    const refused = job({ state, target: acme });
    expect(left(refused)).toEqual([refused]);
    expect(left(refused, applied())).toEqual([]);
    expect(left(applied(), refused)).toEqual([refused]);
    expect(left(refused, job({ state: 'failed', target: acme }))).toHaveLength(2);
  }
  const elsewhere = job({ state: 'failed', target: { ...acme, realm: 'other' } });
  expect(left(elsewhere, applied())).toEqual([elsewhere]);
  const nowhere = job({ state: 'failed' });
  expect(left(nowhere, applied())).toEqual([nowhere]);
});

it('keeps what was broken off while it wrote, whatever another has written since', () => {
  const partly = job({ state: 'interrupted', target: acme, begun: true });
  expect(left(partly, applied())).toEqual([partly]);
  expect(left({ ...partly, undoneBy: 'j0' }, applied())).toEqual([]);
  const written = { ...acme, state: 'nothing' as const, databases: [], text: '' };
  expect(left({ ...partly, written }, applied())).toEqual([]);
});

it('keeps what stands half written until it is undone, whatever was done since', () => {
  const written = { ...acme, state: 'part' as const, databases: [], text: '' };
  const half = job({ state: 'failed', target: acme, written });
  expect(left(half, applied())).toEqual([half]);
  expect(left({ ...half, undoneBy: 'j0' })).toEqual([]);
});

it('keeps what failed in part until just that was tried again', () => {
  const partly = applied({ state: 'succeeded_with_errors' });
  const retry = job({
    kind: 'retry-plan',
    result: { kind: 'retry-plan', job: partly.id, plan: { plan: 'again' } } as JobView['result'],
  });
  expect(left(partly, applied())).toEqual([partly]);
  expect(left(partly, retry)).toEqual([partly]);
  expect(left(partly, retry, applied({}, 'again'))).toEqual([]);
});

it('takes another kind of work as done when the same was done later', () => {
  const broken = job({ kind: 'backup', title: 'Back up acme of dev', state: 'interrupted' });
  const other = job({ kind: 'backup', title: 'Back up every realm of dev' });
  expect(left(broken, other)).toEqual([broken]);
  expect(left(broken, other, job({ ...broken, state: 'succeeded' }))).toEqual([]);
});

it('does not take a seeding that left the realm alone for one that has done something', () => {
  const refused = job({ state: 'failed', target: acme });
  const seeded = job({
    kind: 'seed',
    result: { kind: 'seed', result: { ...acme, status: 'exists' } } as JobView['result'],
  });
  expect(left(refused, seeded)).toEqual([refused]);
});
