import { expect, it } from 'vitest';
import type { PlanItemView, PlanView } from '../../../contract/plan.ts';
import { settlementsOf } from '../../../contract/settling.ts';
import { SECTIONS } from '../../../contract/sections.ts';
import { decidedSince, decisionsOf, itemDecisions, whyNotUpdated, withoutNames } from './decisions.ts';
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
  const made = { ...policy, exclude: ['users/alice'] };
  expect(decidedSince(made, now)).toEqual(['Bring users/alice after all']);
  // The preview has it as left out until another is made, and it can be left out again.
  expect(itemDecisions({ now, made }, 'merge', () => {}).canLeaveOut(item('skip'))).toBe(true);
});

it('says of what would be deleted that it is kept, and deleted after all, also once the preview shows it', () => {
  let now = policy;
  let made = policy;
  let kept: readonly string[] = [];
  const decide = () =>
    itemDecisions({ now, made, kept }, 'merge', (next, stay = []) => {
      now = next;
      kept = stay;
    });
  const texts = () => decisionsOf(made, now, kept).map(({ text }) => text);
  const gone = { ...item('delete'), reason: 'only-in-target-deleted' };
  expect([decide().keeps(gone), decide().keeps(item('create', 'bob'))]).toEqual([true, false]);
  decide().toggle(gone);
  decide().toggle(item('create', 'bob'));
  expect(now.exclude).toEqual(['users/alice', 'users/bob']);
  expect(texts()).toEqual(['Keep users/alice on the target', 'Leave out users/bob']);
  made = now;
  const stays = { ...item('skip'), reason: 'excluded' };
  expect(decide().keeps(stays)).toBe(true);
  decide().toggle(stays);
  expect(texts()).toContain('Delete users/alice on the target after all');
  made = now;
  decide().toggle(item('update', 'carol'));
  expect(kept).toEqual([]);
});

it('says of an update that the plan was made with why it does nothing there', () => {
  const draft = { ...policy, update: ['users/alice'] };
  expect(decisionsOf(draft, draft)).toMatchObject([{ entry: 'users/alice', isToUpdate: true }]);
  expect(decisionsOf(policy, draft)[0]!.isToUpdate).toBeUndefined();
  expect(whyNotUpdated({ ...item('create'), reason: 'only-in-source' })).toMatch(/so it is created/);
  expect(whyNotUpdated({ ...item('create'), reason: 'replaced-with-realm' })).toMatch(/with the realm/);
  expect(whyNotUpdated({ ...item('skip'), reason: 'only-in-target-kept' })).toMatch(
    /source does not have it/,
  );
  // What belongs to a user who is the same on both sides may differ all the same.
  for (const one of [undefined, item('update'), { ...item('conflict'), reason: 'email-taken' }])
    expect(whyNotUpdated(one)).toBeUndefined();
});

const CLIENTS = settlementsOf({ section: 'clients', reason: 'exists-policy-stop' });
const VARIANTS = settlementsOf({ section: 'users', reason: 'differs-only-by-case' });
const REALM = settlementsOf({ section: 'realm', reason: 'realm-exists' });

it('takes an answer to a conflict back when it is given again, also once the preview was made with it', () => {
  let now = policy;
  let made = policy;
  const decide = () => itemDecisions({ now, made }, 'merge', (next) => (now = next));
  for (const among of [VARIANTS, CLIENTS, REALM]) {
    const answer = among[0]!;
    decide().settle(answer.change, among);
    expect(decide().holding(among)).toBe(answer);
    decide().settle(answer.change, among);
    expect(now).toEqual(policy);
    decide().settle(answer.change, among);
    made = now;
    decide().settle(answer.change, among);
    expect(decide().holding(among)).toBeUndefined();
    expect(now).toEqual(policy);
    made = policy;
  }
});

it('goes by one answer, the last that was given', () => {
  let now = policy;
  const decide = () => itemDecisions({ now, made: policy }, 'merge', (next) => (now = next));
  const [leaveOut, create] = [VARIANTS[0]!, VARIANTS[1]!];
  decide().settle(leaveOut.change, VARIANTS);
  const variant = { ...item('conflict'), reason: 'differs-only-by-case' };
  // Out with all others like it: not once more by itself.
  expect(decide().canLeaveOut(variant)).toBe(false);
  decide().settle(create.change, VARIANTS);
  expect(decide().canLeaveOut(variant)).toBe(true);
  // All others that cannot be written are still left out.
  expect(now).toMatchObject({ conflicts: 'skip', caseVariants: 'create' });
  expect(decide().holding(VARIANTS)).toBe(create);
  decide().settle(leaveOut.change, VARIANTS);
  expect(now.caseVariants).toBeUndefined();
  expect(decide().holding(VARIANTS)).toBe(leaveOut);

  const client: PlanItemView = { ...item('conflict', 'acme-ci'), section: 'clients' };
  decide().toggle(client);
  decide().settle(CLIENTS[0]!.change, CLIENTS, [client]);
  expect(now.exclude).toBeUndefined();
  decide().settle(CLIENTS[1]!.change, CLIENTS, [client]);
  expect(decide().holding(CLIENTS)).toBe(CLIENTS[1]);
});

it('lists what was decided for as long as it holds, with the way back', () => {
  const made = { ...policy, conflicts: 'skip', exclude: ['users/alice', 'users/bob'] } as const;
  const draft = { ...made, exclude: ['users/alice', 'users/bob'] };
  const held = decisionsOf(draft, draft);
  expect(held.map(({ text, isPending }) => [text, isPending])).toEqual([
    ['Leave out records that cannot be written', false],
    ['Leave out users/alice', false],
    ['Leave out users/bob', false],
  ]);
  const withoutAll = held[0]!.without;
  expect(withoutAll.conflicts).toBeUndefined();
  expect(decidedSince(draft, withoutAll)).toEqual(['Stop at records that cannot be written']);
  // What was taken back can be decided again.
  expect(decisionsOf(draft, withoutAll)[0]!.without).toEqual(draft);
  expect(held[1]!.without.exclude).toEqual(['users/bob']);
  const back = decisionsOf(draft, held[1]!.without).find(({ isPending }) => isPending)!;
  expect(back.text).toBe('Bring users/alice after all');
  expect(new Set(back.without.exclude)).toEqual(new Set(draft.exclude));
  expect(withoutNames(draft, 'exclude')).toEqual({ ...policy, conflicts: 'skip' });
  expect(decisionsOf(policy, policy)).toEqual([]);
});

it('updates one that is there, and takes that back, as if it had never been decided', () => {
  let now = policy;
  let made = policy;
  const decide = () => itemDecisions({ now, made }, 'merge', (next) => (now = next));
  const skipped = { ...item('skip'), reason: 'exists-policy-skip' };
  const stopped: PlanItemView = {
    ...item('conflict', 'ci'),
    section: 'clients',
    reason: 'exists-policy-stop',
  };
  for (const one of [skipped, stopped]) {
    expect([decide().canUpdate(one), decide().isUpdated(one)]).toEqual([true, false]);
    decide().toggleUpdate(one);
    expect(decide().isUpdated(one)).toBe(true);
  }
  expect(now.update).toEqual(['users/alice', 'clients/ci']);
  expect(decidedSince(policy, now)).toEqual(['Update users/alice', 'Update clients/ci']);
  // What belongs to a user goes along, and has no name of its own.
  const password: PlanItemView = { ...skipped, section: 'credentials', key: 'alice/PASSWORD' };
  expect(decide().isUpdated(password)).toBe(true);

  made = now;
  const changed = { ...item('update'), reason: 'differs' };
  expect(decide().canUpdate(changed)).toBe(true);
  const takeBack = decisionsOf(made, now).find(({ text }) => text === 'Update users/alice')!;
  now = takeBack.without;
  expect(decidedSince(made, now)).toEqual(['Do not update users/alice after all']);
  expect([decide().canUpdate(changed), decide().isUpdated(changed)]).toEqual([true, false]);
  expect(withoutNames(made, 'update')).toEqual(policy);

  expect(decide().canUpdate({ ...item('update', 'bob'), reason: 'differs' })).toBe(false);
  expect(decide().canUpdate({ ...item('conflict', 'bob'), reason: 'email-taken' })).toBe(false);
  now = { ...policy, users: 'merge', clients: 'update' };
  made = now;
  expect([skipped, stopped].map((one) => decide().canUpdate(one))).toEqual([false, false]);
});

it('neither updates what is left out, nor what others like it are settled by', () => {
  let now = policy;
  const decide = () => itemDecisions({ now, made: policy }, 'merge', (next) => (now = next));
  const client: PlanItemView = {
    ...item('conflict', 'ci'),
    section: 'clients',
    reason: 'exists-policy-stop',
  };
  decide().toggleUpdate(client);
  decide().toggle(client);
  expect([now.update, now.exclude]).toEqual([undefined, ['clients/ci']]);
  decide().toggleUpdate(client);
  expect([now.update, now.exclude]).toEqual([['clients/ci'], undefined]);
  decide().settle(CLIENTS[0]!.change, CLIENTS, [client]);
  expect(now).toEqual({ ...policy, clients: 'skip' });
  decide().toggleUpdate(client);
  expect(now).toEqual({ ...policy, clients: 'skip', update: ['clients/ci'] });
  expect(decide().holding(CLIENTS)).toBe(CLIENTS[0]);
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
        const given = decidedSince({}, change);
        const takenBack = decidedSince(change, {});
        for (const sentence of [...given, ...takenBack]) expect(sentence, reason).not.toMatch(/^\w+: /);
      }
});
