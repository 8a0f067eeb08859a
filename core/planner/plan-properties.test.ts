import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather } from '../compare/testing/gather.ts';
import { sideOf } from '../compare/testing/in-memory-side.ts';
import type { SnapshotSides } from '../compare/section-side.ts';
import { naturalKey } from '../model/natural-key.ts';
import type { JsonObject } from '../model/record.ts';
import { REDACTED } from '../model/secret.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { applyItemOf } from './apply-item.ts';
import { parseExclusions } from './exclusions.ts';
import { isPlanItem, type PlanItem, type Policy } from './plan.ts';
import { batched, plan, type Planned } from './testing/plan-fixture.ts';
import { documentedRoute, fullRoute, knownOver } from './testing/routes.ts';
import { SimulatedTarget, type RealmState } from './testing/simulated-target.ts';
import { unverifiable, verifyApplied, type Deviation } from './verify-applied.ts';

const numbered = (letter: string, up: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max: up }).map((n) => `${letter}${n}`);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

const usernames = fc.oneof(
  { weight: 9, arbitrary: numbered('u', 7) },
  { weight: 1, arbitrary: fc.constant('U3') },
);
const user = fc.record({
  username: usernames,
  email: optional(fc.oneof(numbered('mail', 9), fc.constant('MAIL3'))),
  firstName: optional(fc.constantFrom('Ann', 'Bo')),
  enabled: fc.boolean(),
  roles: fc.uniqueArray(numbered('r', 4), { maxLength: 3 }),
  attributes: optional(fc.constant({ team: ['a'] })),
});
const users = fc
  .uniqueArray(user, { selector: (u) => u.username, maxLength: 8 })
  .map((all) =>
    all.filter((u, at) => u.email === undefined || all.findIndex((v) => v.email === u.email) === at),
  );
const client = fc.record({
  clientId: numbered('c', 3),
  description: optional(fc.constantFrom('A', 'B')),
  publicClient: fc.boolean(),
  redirectUris: fc.subarray(['https://a', 'https://b', 'https://c']),
  clientSecret: optional(fc.constantFrom('one', 'two')),
});
const state: fc.Arbitrary<RealmState> = fc
  .record({
    realm: fc.record({
      name: fc.constant('shop'),
      displayName: optional(fc.constantFrom('Shop', 'Store')),
      mfaRequired: fc.boolean(),
      smtpConfig: optional(
        fc.record({ host: fc.constantFrom('h1', 'h2'), password: fc.constantFrom('p1', 'p2') }),
      ),
    }),
    roles: fc.uniqueArray(
      fc.record({ name: numbered('r', 4), description: optional(fc.constantFrom('A', 'B')) }),
      { selector: (r) => r.name, maxLength: 5 },
    ),
    groups: fc.uniqueArray(fc.record({ path: numbered('/g', 2) }), { selector: (g) => g.path }),
    clients: fc.uniqueArray(client, { selector: (c) => c.clientId, maxLength: 4 }),
    users,
    links: fc.uniqueArray(
      fc.tuple(fc.constantFrom('g', 'm'), numbered('acc', 4), fc.integer({ min: 0, max: 7 })),
      {
        selector: ([provider, id]) => `${provider} ${id}`,
        maxLength: 4,
      },
    ),
    hashes: fc.array(fc.constantFrom('h1', 'h2', undefined), { minLength: 8, maxLength: 8 }),
  })
  .map(({ realm, roles, groups, clients, users, links, hashes }) => ({
    realm: [tidy(realm)],
    roles: withMapped(roles.map(tidy), users),
    groups: groups.map(tidy),
    clients: clients.map(tidy),
    policies: [],
    users: users.map(tidy),
    credentials: users.flatMap(({ username }, at) =>
      hashes[at] ? [{ username, type: 'PASSWORD', secretHash: `$2a$12$${hashes[at]}` }] : [],
    ),
    socialLinks: links.flatMap(([provider, providerUserId, at]) =>
      users[at] ? [{ provider, providerUserId, username: users[at].username }] : [],
    ),
  }));

const exclusions = [
  'users/u1',
  'users/u2*',
  'roles/r1',
  'clients/c0',
  'credentials/u4/PASSWORD',
  'groups//g1',
];
const policy: fc.Arbitrary<Partial<Policy>> = fc.record({
  realm: fc.constantFrom('merge' as const, 'overwrite' as const),
  users: fc.constantFrom('skip' as const, 'merge' as const),
  clients: fc.constantFrom('skip' as const, 'update' as const),
  extra: fc.constantFrom('keep' as const, 'delete' as const),
  unsupported: fc.constant('skip' as const),
  conflicts: fc.constant('skip' as const),
  caseVariants: fc.constantFrom('stop' as const, 'create' as const),
  exclude: fc.subarray(exclusions),
});

/** The source as it was captured: over one route or the other, with only some sections, or from a file. */
const captured = fc.record({
  route: fc.constantFrom('documented' as const, 'full' as const),
  without: fc.subarray<Section>(['roles', 'groups', 'clients', 'credentials', 'policies', 'socialLinks']),
  fromFile: fc.boolean(),
});

const ROUTES = { documented: documentedRoute, full: fullRoute };

const scenario = fc.record({
  source: state,
  target: fc.option(state, { nil: undefined, freq: 5 }),
  captured,
  route: fc.constantFrom('documented' as const, 'full' as const),
  policy,
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

interface Outcome {
  readonly planned: Planned;
  readonly again: () => Promise<Planned>;
  readonly before: SimulatedTarget;
  readonly after: SimulatedTarget;
  readonly deviations: readonly Deviation[];
  readonly source: SnapshotSides;
}

async function carriedOut(of: Scenario): Promise<Outcome> {
  const source = sourceSides(of);
  const before = new SimulatedTarget(ROUTES[of.route], of.target ?? {});
  const after = new SimulatedTarget(ROUTES[of.route], of.target ?? {});
  const setup = { source, policy: of.policy, route: ROUTES[of.route] };
  const planned = await plan({ ...setup, ...(before.exists ? { target: before.capture() } : {}) });
  const { mode } = planned.summary;
  after.apply(
    planned.items.flatMap((item) => applyItemOf(item, mode) ?? []),
    mode,
  );
  const deviations = await gather(
    verifyApplied({
      context: planned.context,
      before: before.exists ? before.capture() : {},
      after: after.capture(2),
      entries: batched(planned.entries),
    }),
  );
  return {
    planned,
    before,
    after,
    deviations,
    source,
    again: async () => await plan({ ...setup, target: after.capture() }),
  };
}

function sourceSides({ source, captured }: Scenario): SnapshotSides {
  const all = captured.fromFile
    ? Object.fromEntries(
        SECTIONS.map((section) => [
          section,
          sideOf(section, source[section]!, { knows: knownOver(ROUTES[captured.route], section) }),
        ]),
      )
    : new SimulatedTarget(ROUTES[captured.route], source).capture();
  return Object.fromEntries(
    Object.entries(all).filter(([section]) => !captured.without.includes(section as Section)),
  );
}

const runs = { numRuns: 300 };

describe('a plan carried out', () => {
  it('is never refused, and leaves the target as promised', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (of) => {
        const { planned, deviations } = await carriedOut(of);
        expect(planned.summary.blocked).toBe(false);
        expect(deviations).toEqual([]);
      }),
      runs,
    );
  });

  it('leaves nothing to do for a second one', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (of) => {
        const merging = { ...of, policy: { ...of.policy, realm: 'merge' as const } };
        const first = await carriedOut(merging);
        const second = await first.again();
        // An address that another user gave up in the first plan is free in the second.
        const taken = first.planned.items.filter((item) => item.reason === 'email-taken');
        const waited = new Set(taken.map(ownerOf));
        const writes = second.items.filter((item) => item.write !== undefined || item.action === 'delete');
        expect(
          writes.filter((item) => !waited.has(ownerOf(item)) && !isMappedBy(item, writes, waited)),
        ).toEqual([]);
        expect(second.summary.empty).toBe(writes.length === 0);
      }),
      runs,
    );
  });

  it('writes nothing that is excluded, and changes no user and client that it was told to skip', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (of) => {
        const { planned, before, after } = await carriedOut(of);
        const excluded = parseExclusions(of.policy.exclude!);
        for (const item of planned.items) {
          expect(item.write !== undefined && excluded.excludes(item.section, item.key)).toBe(false);
        }
        const overwritten = planned.summary.mode === 'overwrite';
        for (const section of SECTIONS) {
          for (const body of after.bodies(section)) {
            const key = naturalKey(section, body);
            const was = before.bodies(section).find((other) => naturalKey(section, other) === key);
            const skipped =
              (section === 'users' && of.policy.users === 'skip') ||
              (section === 'clients' && of.policy.clients === 'skip');
            const untouchable =
              was !== undefined && !overwritten && (skipped || excluded.excludes(section, key));
            expect(untouchable ? body : undefined).toEqual(untouchable ? withRolesOf(after, was) : undefined);
            expect(was === undefined && excluded.excludes(section, key)).toBe(false);
          }
        }
      }),
      runs,
    );
  });

  it('loses exactly what it says', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (of) => {
        const { planned, before, after } = await carriedOut(of);
        const { losses, mode, destructive } = planned.summary;
        const remaining = new Map(after.bodies('users').map((u) => [u['username'], u]));
        const lostUsers = before.bodies('users').filter((u) => !remaining.has(u['username'])).length;
        expect(losses.users).toBe(lostUsers);
        expect(losses.sessions).toBe(mode === 'overwrite' ? 'all' : 0);
        expect(destructive || lostUsers === 0).toBe(true);
        for (const section of ['roles', 'groups', 'clients', 'socialLinks'] as const) {
          if (of.route === 'documented' && (section === 'groups' || section === 'socialLinks')) continue;
          const kept = new Set(after.bodies(section).map((body) => naturalKey(section, body)));
          const lost = before.bodies(section).filter((body) => !kept.has(naturalKey(section, body))).length;
          expect(losses.records[section] ?? 0).toBe(lost);
        }
        const secrets = new Map(after.bodies('clients').map((c) => [c['clientId'], c]));
        const lostSecrets = before.bodies('clients').filter((c) => {
          const now = secrets.get(c['clientId']);
          const had = c['publicClient'] !== true && c['clientSecret'] !== undefined;
          return had && now !== undefined && !holdsGivenSecret(now);
        }).length;
        expect(losses.clientSecrets).toBe(lostSecrets);
        // Over the Admin API nobody sees who has a password: each user who stays is taken to have one.
        const withHash = new Set(after.bodies('credentials').map((c) => c['username']));
        const had = of.route === 'full' ? before.bodies('credentials') : before.bodies('users');
        const lostHashes = had.filter(
          (c) => remaining.has(c['username']) && !withHash.has(c['username']),
        ).length;
        const tellable = of.route === 'full' || mode === 'overwrite';
        expect(losses.passwordHashes).toBe(tellable ? lostHashes : 0);
      }),
      runs,
    );
  });

  it('gives the same plan from the same inputs, and shows no secret', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (of) => {
        const once = await carriedOut(of);
        const twice = await carriedOut(of);
        expect(twice.planned.summary).toEqual(once.planned.summary);
        for (const entry of once.planned.entries.filter(isPlanItem)) {
          const { write: _write, promise: _promise, ...shown } = entry;
          expect(JSON.stringify(shown)).not.toMatch(/\$2a\$|"(?:one|two|p1|p2)"/);
        }
        expect(unverifiable(once.planned.summary, once.after.capture())).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

function holdsGivenSecret(client: JsonObject): boolean {
  const secret = client['clientSecret'];
  return (typeof secret === 'string' && !secret.startsWith('issued')) || client['secretHash'] !== undefined;
}

function ownerOf(item: PlanItem): string {
  const username = item.write?.['username'];
  return typeof username === 'string' ? username : item.key.split('\u0000')[0]!;
}

/** A role that comes with a user who waited. */
function isMappedBy(item: PlanItem, writes: readonly PlanItem[], users: ReadonlySet<string>): boolean {
  if (item.section !== 'roles') return false;
  return writes.some(({ section, key, write }) => {
    const roles = write?.['roles'];
    return section === 'users' && users.has(key) && Array.isArray(roles) && roles.includes(item.key);
  });
}

/** Deleting a role takes it from users whom the plan does not touch. */
function withRolesOf(target: SimulatedTarget, body: JsonObject): JsonObject {
  const names = new Set(target.bodies('roles').map((role) => role['name']));
  return Array.isArray(body['roles'])
    ? { ...body, roles: body['roles'].filter((role) => names.has(role)) }
    : body;
}

/** A realm’s own role table holds every role that its users carry. */
function withMapped(roles: JsonObject[], users: readonly { roles: string[] }[]): JsonObject[] {
  const names = new Set(roles.map((role) => role['name']));
  const missing = [...new Set(users.flatMap((u) => u.roles))].filter((name) => !names.has(name));
  return [...roles, ...missing.map((name) => ({ name }))];
}

function tidy(body: Record<string, unknown>): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as JsonObject;
}

it('holds marks in place of secrets in what it is tested with', () => {
  const target = new SimulatedTarget(documentedRoute, {
    realm: [{ name: 'shop' }],
    clients: [{ clientId: 'c', clientSecret: 'one' }],
  });
  const { clients } = target.capture();
  expect(clients!.chunks).toHaveLength(1);
  expect(target.bodies('clients')).toEqual([{ clientId: 'c', clientSecret: 'one' }]);
  expect(JSON.stringify(REDACTED)).toContain('redacted');
});
