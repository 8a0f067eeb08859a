import { expect, it } from 'vitest';
import type { PlanItemView, PolicyInput } from '../../../contract/plan.ts';
import {
  answersTo,
  decidedText,
  isDeletedByItself,
  leavesThemOut,
  updatedWith,
  type ItemDecisions,
} from './item-decisions.ts';

const item = (
  action: PlanItemView['action'],
  reason: string,
  section: PlanItemView['section'] = 'users',
): PlanItemView => ({ section, key: 'x', action, reason, explanation: '', changes: [], warnings: [] });
const changes = (of: PlanItemView) => answersTo(of).map(({ change }) => change);

it('knows the way back from what was left out with all others like it', () => {
  expect(changes(item('skip', 'email-taken'))).toEqual([{ conflicts: 'skip' }]);
  expect(changes(item('skip', 'differs-only-by-case'))).toEqual([
    { conflicts: 'skip' },
    { caseVariants: 'create' },
  ]);
  expect(changes(item('skip', 'route-cannot'))).toEqual([{ unsupported: 'skip' }]);
  expect(changes(item('skip', 'exists-policy-skip', 'clients'))).toEqual([
    { clients: 'skip' },
    { clients: 'update' },
  ]);
  expect(changes(item('skip', 'exists-policy-skip'))).toEqual([{ users: 'merge' }]);
});

it('offers nothing for what nobody has decided', () => {
  for (const reason of ['excluded', 'not-selected', 'only-in-target-kept', 'survives', 'source-unknown'])
    expect(answersTo(item('skip', reason))).toEqual([]);
  expect(answersTo(item('create', 'only-in-source'))).toEqual([]);
});

it('does not take for left out what would be enabled', () => {
  const [enable] = answersTo(item('conflict', 'enabled-there'));
  expect(leavesThemOut(enable!, { reason: 'enabled-there' })).toBe(false);
  expect(leavesThemOut(enable!, { reason: 'route-cannot' })).toBe(true);
});

it('says what was decided of an item only where the preview shows something else', () => {
  const decided = (
    by: PolicyInput,
    leftOut = false,
    update: { readonly is: boolean; readonly was: boolean } = { is: false, was: false },
  ): ItemDecisions => ({
    isLeftOut: () => leftOut,
    canLeaveOut: () => true,
    toggle: () => {},
    keeps: isDeletedByItself,
    isUpdated: () => update.is,
    canUpdate: ({ reason }) => update.is || update.was || reason.startsWith('exists-policy-'),
    toggleUpdate: () => {},
    settle: () => {},
    holding: (among) => among.find(({ change }) => JSON.stringify(change) === JSON.stringify(by)),
  });
  const nothing = decided({});
  expect(decidedText(item('create', 'only-in-source'), nothing)).toBeUndefined();
  expect(decidedText(item('create', 'only-in-source'), decided({}, true))).toMatch(/left this record out/);
  expect(decidedText(item('delete', 'only-in-target-deleted'), decided({}, true))).toMatch(
    /kept on the target/,
  );
  // With the realm it goes whatever is decided of it.
  expect(decidedText(item('delete', 'deleted-with-realm'), decided({}, true))).toMatch(
    /left this record out/,
  );
  expect(decidedText(item('skip', 'excluded'), decided({}, true))).toBeUndefined();
  expect(decidedText(item('skip', 'excluded'), nothing)).toMatch(/brought this record after all/);
  expect(decidedText(item('conflict', 'email-taken'), decided({ conflicts: 'skip' }))).toMatch(
    /Leave out all/,
  );
  expect(decidedText(item('skip', 'email-taken'), decided({ conflicts: 'skip' }))).toBeUndefined();
  expect(decidedText(item('skip', 'exists-policy-skip'), decided({ users: 'merge' }))).toMatch(
    /Update all users/,
  );
  const [is, was] = [
    decided({}, false, { is: true, was: false }),
    decided({}, false, { is: false, was: true }),
  ];
  expect(decidedText(item('conflict', 'exists-policy-stop', 'clients'), is)).toMatch(/this one is updated/);
  expect(decidedText(item('update', 'differs'), is)).toBeUndefined();
  expect(decidedText(item('update', 'differs'), was)).toMatch(/not updated after all/);
  expect(decidedText(item('skip', 'exists-policy-skip'), was)).toBeUndefined();
});

it('updates a user with what belongs to them', () => {
  const named = (section: PlanItemView['section'], key: string) =>
    updatedWith({ ...item('skip', 'exists-policy-skip', section), key });
  expect(named('users', 'a/b')).toBe('users/a/b');
  expect(named('credentials', 'a/b/PASSWORD')).toBe('users/a/b');
  expect(named('clients', 'portal')).toBe('clients/portal');
  expect(named('socialLinks', 'google/1')).toBeUndefined();
  expect(named('roles', 'admin')).toBeUndefined();
});
