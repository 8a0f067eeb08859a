import { expect, it } from 'vitest';
import type { PlanItemView, PlanView } from '../../../contract/plan.ts';
import { settlementsOf } from '../../../contract/settling.ts';
import { SECTIONS } from '../../../contract/sections.ts';
import { decidedSince, itemDecisions } from './decisions.ts';
import { emptyDraft } from './draft.ts';

const { policy } = emptyDraft('');
const item = (action: PlanItemView['action'], key = 'alice'): PlanItemView => ({
  section: 'users',
  key,
  action,
  reason: '',
  explanation: '',
  changes: [],
  warnings: [],
});

it('leaves a record out and brings it back, as if it had never been left out', () => {
  let now = policy;
  const decide = () => itemDecisions({ now, made: policy }, 'merge', (next) => (now = next));
  decide().toggle(item('create'));
  expect(now.exclude).toEqual(['users/alice']);
  expect(decide().isLeftOut(item('skip'))).toBe(true);
  expect(decide().canLeaveOut(item('skip'))).toBe(true);
  expect(decide().canLeaveOut(item('skip', 'bob'))).toBe(false);
  expect(decidedSince(policy, now)).toEqual(['Leave out users/alice']);
  decide().toggle(item('skip'));
  expect(now).toEqual(policy);
  expect(decidedSince({ ...policy, exclude: ['users/alice'] }, now)).toEqual(['Bring users/alice after all']);
});

it('takes an answer to a conflict back when it is given again', () => {
  let now = policy;
  const decide = () => itemDecisions({ now, made: policy }, 'merge', (next) => (now = next));
  for (const answer of [{ conflicts: 'skip' }, { realm: 'merge' }] as const) {
    decide().settle(answer);
    expect(decide().isSettledBy(answer)).toBe(true);
    decide().settle(answer);
    expect(now).toEqual(policy);
  }
});

it('leaves a realm out of a merge into it only', () => {
  const realm: PlanItemView = { ...item('create', 'acme'), section: 'realm' };
  const canLeaveOut = (mode: PlanView['mode']) =>
    itemDecisions({ now: policy, made: policy }, mode, () => {}).canLeaveOut(realm);
  expect(canLeaveOut('merge')).toBe(true);
  expect(canLeaveOut('create')).toBe(false);
  expect(canLeaveOut('overwrite')).toBe(false);
});

it('has a sentence for whatever settles a conflict', () => {
  const reasons = [
    'realm-exists',
    'exists-policy-stop',
    'route-cannot',
    'key-is-issued',
    'leftovers',
    'leftovers-stay',
    'enabled-there',
    'exists-unchangeable',
    'source-unknown',
    'source-in-doubt',
    'differs-only-by-case',
    'email-taken',
  ];
  for (const reason of reasons)
    for (const section of SECTIONS)
      for (const { change } of settlementsOf({ reason, section })) {
        // Nothing was decided yet: what a settlement says is then a decision, whatever its value.
        for (const sentence of decidedSince({}, change)) expect(sentence, reason).not.toMatch(/^\w+: /);
      }
});
