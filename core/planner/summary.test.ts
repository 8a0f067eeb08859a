import { ACTIONS } from '../../contract/plan.ts';
import { describe, expect, it } from 'vitest';
import { applyItemOf } from './apply-item.ts';
import { explain } from './explain.ts';
import { DEFAULT_POLICY, type PlanContext, type PlanEntry, type PlanItem, type Reason } from './plan.ts';
import { createSummary } from './summary.ts';
import { documentedRoute } from './testing/routes.ts';

const context: PlanContext = {
  policy: { ...DEFAULT_POLICY, realm: 'merge' },
  route: documentedRoute,
  targetRealm: 'shop',
  targetExists: true,
};
const created: PlanItem = {
  section: 'users',
  key: 'a',
  action: 'create',
  reason: 'only-in-source',
  changes: [],
  warnings: [],
  write: { username: 'a', password: 'canary' },
};

function summarized(
  entries: readonly PlanEntry[],
  digestKey?: Buffer,
): ReturnType<ReturnType<typeof createSummary>['finish']> {
  const summary = createSummary(context, digestKey ? { digestKey } : {});
  for (const entry of entries) summary.add([entry]);
  return summary.finish();
}

describe('the digest of a plan', () => {
  const run = (count: number): PlanEntry => ({ kind: 'unchanged', section: 'users', count });

  it('does not depend on how unchanged records are grouped, but on how many there are', () => {
    const { digest } = summarized([run(7), created]);
    expect(summarized([run(3), run(4), created]).digest).toBe(digest);
    expect(summarized([run(3), created, run(4)]).digest).toBe(digest);
    expect(summarized([run(8), created]).digest).not.toBe(digest);
  });

  it('tells sections apart', () => {
    const roles = (count: number): PlanEntry => ({ kind: 'unchanged', section: 'roles', count });
    expect(summarized([roles(3), run(4)]).digest).not.toBe(summarized([roles(4), run(3)]).digest);
  });

  it('changes with whatever is written, and with the key', () => {
    const other: PlanItem = { ...created, write: { username: 'a', password: 'other' } };
    expect(summarized([other]).digest).not.toBe(summarized([created]).digest);
    expect(summarized([created], Buffer.alloc(32, 1)).digest).not.toBe(summarized([created]).digest);
  });
});

describe('a summary', () => {
  it('counts', () => {
    const summary = summarized([
      { kind: 'notice', text: 'First.' },
      created,
      {
        ...created,
        key: 'b',
        cannotSet: ['emailVerified'],
        notes: [{ kind: 'values-stay', member: 'roles', count: 2 }],
      },
      { ...created, key: 'c', action: 'delete', reason: 'only-in-target-deleted', loses: 'passwordHash' },
      { ...created, key: 'd', notes: [{ kind: 'values-stay', member: 'roles', count: 3 }] },
      { kind: 'unchanged', section: 'roles', count: 5 },
    ]);
    expect(summary).toMatchObject({
      destructive: true,
      blocked: false,
      empty: false,
      losses: { users: 1, passwordHashes: 1 },
      cannotSet: [{ section: 'users', member: 'emailVerified', records: 1 }],
      warnings: [
        'First.',
        '5 role mappings that only the target has stay (2 users): this channel can only add.',
      ],
    });
    expect(Object.keys(summary.sections)).toEqual(['roles', 'users']);
    expect(summary.sections.users).toEqual({
      create: 3,
      update: 0,
      unchanged: 0,
      skip: 0,
      delete: 1,
      conflict: 0,
    });
  });

  it('counts credentials that go with their users, and those losses apart of which nobody knows whether there are any', () => {
    const gone: PlanItem = {
      ...created,
      section: 'credentials',
      action: 'delete',
      reason: 'deleted-with-realm',
    };
    const { losses } = summarized([
      gone,
      { ...gone, key: 'b' },
      { ...gone, key: 'c', loses: 'passwordHash' },
      { ...created, key: 'd', loses: 'passwordHash', lossUnseen: true },
      { ...created, section: 'clients', loses: 'clientSecret', lossUnseen: true },
      { ...created, section: 'clients', key: 'x', loses: 'clientSecret' },
    ]);
    expect(losses).toEqual({
      users: 0,
      passwordHashes: 2,
      clientSecrets: 2,
      unseen: { passwordHashes: 1, clientSecrets: 1 },
      sessions: 0,
      records: { credentials: 2 },
    });
  });

  it('has what was foreseen told otherwise once it was done, and what stays as it is the same', () => {
    const { warnings, afterwards } = summarized([
      { kind: 'notice', text: 'First.' },
      { ...created, notes: [{ kind: 'no-password' }, { kind: 'values-stay', member: 'roles', count: 1 }] },
      { ...created, section: 'clients', notes: [{ kind: 'new-key' }] },
    ]);
    expect(warnings.map((warning) => [warning, afterwards?.[warning]])).toEqual([
      ['First.', undefined],
      [
        '1 user will have no password until it is reset: this plan writes none for them.',
        '1 user has no password: none was written. Set one on the target, or have the user reset it.',
      ],
      [expect.stringContaining('1 role mapping that only the target has stays'), undefined],
      [expect.stringContaining('1 client will get a new client id'), null],
    ]);
    expect(summarized([created]).afterwards).toBeUndefined();
  });

  it('names the clients that somebody has to be told of, and counts users', () => {
    const clients = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((key): PlanItem => ({
      ...created,
      section: 'clients',
      key,
      notes: [{ kind: 'new-client-secret' }],
    }));
    const users = ['x', 'y'].map((key): PlanItem => ({ ...created, key, notes: [{ kind: 'no-password' }] }));
    const told = Object.values(summarized([...clients, ...users]).afterwards ?? {});
    expect(told).toEqual([
      '7 clients (“a”, “b”, “c”, “d”, “e” and 2 more) got a new client secret, since the source does not hold the old one: give it to whoever uses these clients.',
      expect.stringMatching(/^2 users have no password: /),
    ]);
  });

  it('of nothing is empty, except where a realm is overwritten', () => {
    expect(summarized([])).toMatchObject({ empty: true, destructive: false });
    const overwriting = createSummary({
      ...context,
      policy: { ...context.policy, realm: 'overwrite' },
    }).finish();
    expect(overwriting).toMatchObject({ empty: false, destructive: true, losses: { sessions: 'all' } });
  });
});

describe('what an apply has to do', () => {
  const unchanged: PlanItem = { ...created, action: 'unchanged', reason: 'replaced-with-realm' };
  const deleted: PlanItem = {
    section: 'users',
    key: 'z',
    action: 'delete',
    reason: 'deleted-with-realm',
    changes: [],
    warnings: [],
  };

  it('is to create everything again in an overwrite, and to leave deleting to it', () => {
    expect(applyItemOf(unchanged, 'overwrite')).toMatchObject({ action: 'create', body: created.write });
    expect(applyItemOf(deleted, 'overwrite')).toBeUndefined();
  });

  it('is what the item says otherwise', () => {
    expect(applyItemOf(created, 'create')).toMatchObject({ action: 'create' });
    expect(applyItemOf({ ...created, action: 'update' }, 'merge')).toMatchObject({ action: 'update' });
    expect(applyItemOf(deleted, 'merge')).toEqual({ section: 'users', key: 'z', action: 'delete', body: {} });
    expect(applyItemOf({ ...deleted, action: 'skip' }, 'merge')).toBeUndefined();
  });
});

it('every reason has a sentence that can be read', () => {
  const reasons: Record<Reason, true> = {
    'only-in-source': true,
    'enabled-there': true,
    'exists-unchangeable': true,
    'leftovers-stay': true,
    differs: true,
    equal: true,
    'exists-policy-skip': true,
    'exists-policy-stop': true,
    'only-in-target-kept': true,
    survives: true,
    'key-is-issued': true,
    'issued-before': true,
    'only-in-target-deleted': true,
    'source-in-doubt': true,
    'replaced-with-realm': true,
    'deleted-with-realm': true,
    excluded: true,
    'not-selected': true,
    'realm-exists': true,
    'email-taken': true,
    'client-id-taken': true,
    'social-link-taken': true,
    'differs-only-by-case': true,
    'same-key-there': true,
    'route-cannot': true,
    'source-unknown': true,
    'target-unknown': true,
    'nothing-to-set': true,
    'created-by-mapping': true,
    'kept-through-overwrite': true,
    leftovers: true,
    'value-missing': true,
    'value-refused': true,
  };
  for (const reason of Object.keys(reasons) as Reason[])
    for (const action of ACTIONS)
      expect(explain(reason, { section: 'users', action, other: 'bob' })).toMatch(/^[A-Z][^{}]{15,}\.$/);
  expect(explain('email-taken', { section: 'users', action: 'conflict', other: 'bob' })).toContain('“bob”');
});
