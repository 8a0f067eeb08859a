import { expect, test } from 'vitest';
import { expectedSoFar, type WorkState } from './expected-so-far.ts';
import { DEFAULT_POLICY, type PlanContext, type PlanItem, type Policy } from './plan.ts';
import { documentedRoute, releasedRoute } from './testing/routes.ts';
import { APPLIED } from './verify-applied.ts';

const USER: PlanItem = {
  section: 'users',
  key: 'alice',
  action: 'update',
  reason: 'differs',
  changes: [],
  warnings: [],
  write: { username: 'alice' },
};

/** What may be found of a user whose deletion and writing have come so far, and whose realm has. */
function expected(
  of: { route: PlanContext['route']; realm: Policy['realm'] },
  states: { create?: WorkState; update?: WorkState; delete?: WorkState; realm?: WorkState },
  item = USER,
) {
  const context: PlanContext = {
    policy: { ...DEFAULT_POLICY, realm: of.realm },
    route: of.route,
    targetRealm: 'acme',
    targetExists: true,
  };
  const { realm = 'pending', ...byAction } = states;
  return expectedSoFar(context, { stateOf: ({ action }) => byAction[action] ?? 'pending', realm })(item);
}

test('in a merge, what was not begun is as before, and what was under way either or between', () => {
  const merge = { route: documentedRoute, realm: 'merge' } as const;
  expect(expected(merge, {})).toEqual({ before: true });
  expect(expected(merge, { update: 'open' })).toEqual({ before: true, between: true });
  expect(expected(merge, { update: 'done' })).toBe(APPLIED);
});

test('a role that comes with the users who carry it may be there before its turn', () => {
  const role: PlanItem = {
    ...USER,
    section: 'roles',
    key: 'admin',
    action: 'create',
    write: { name: 'admin' },
  };
  expect(expected({ route: documentedRoute, realm: 'merge' }, {}, role)).toEqual({
    before: true,
    between: true,
  });
  expect(expected({ route: releasedRoute, realm: 'merge' }, {}, role)).toEqual({ before: true });
});

test('a realm that is removed in one call is there as it was, or gone with all that was in it', () => {
  const remove = { route: documentedRoute, realm: 'remove' } as const;
  const { write: _, ...user } = { ...USER, action: 'delete' as const };
  expect(expected(remove, {}, user)).toEqual({ before: true });
  expect(expected(remove, { realm: 'open' }, user)).toEqual({ before: true, absent: true });
  expect(expected(remove, { realm: 'done' }, user)).toEqual({ absent: true });
});

test('a realm that is replaced in one call has none of its users until their turn', () => {
  const overwrite = { route: documentedRoute, realm: 'overwrite' } as const;
  expect(expected(overwrite, {})).toEqual({ before: true });
  expect(expected(overwrite, { realm: 'done' })).toEqual({ absent: true });
  expect(expected(overwrite, { realm: 'done', create: 'open' })).toEqual({ absent: true, between: true });
  expect(expected(overwrite, { realm: 'done', create: 'done' })).toBe(APPLIED);
});

test('record by record, a user is deleted first and created later', () => {
  const overwrite = { route: releasedRoute, realm: 'overwrite' } as const;
  expect(expected(overwrite, {})).toEqual({ before: true });
  expect(expected(overwrite, { delete: 'open' })).toEqual({ before: true, absent: true });
  expect(expected(overwrite, { delete: 'done' })).toEqual({ absent: true });
  expect(expected(overwrite, { delete: 'done', create: 'open' })).toEqual({ absent: true, between: true });
  expect(expected(overwrite, { delete: 'done', create: 'done' })).toBe(APPLIED);
});
