import fc from 'fast-check';
import { gather } from '../../compare/testing/gather.ts';
import { sideOf } from '../../compare/testing/in-memory-side.ts';
import type { SnapshotSides } from '../../compare/section-side.ts';
import type { ApplyItem, RouteCapabilities } from '../../connectors/connector.ts';
import type { JsonObject } from '../../model/record.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import { applyItemOf, singleItemsOf } from '../apply-item.ts';
import type { PlanItem, Policy } from '../plan.ts';
import type { PlanMode } from '../section-plan.ts';
import { verifyApplied, type Deviation } from '../verify-applied.ts';
import { batched, plan, type Planned, type PlanSetup } from './plan-fixture.ts';
import { documentedRoute, fullRoute, keepingRoute, knownOver, releasedRoute } from './routes.ts';
import { SimulatedTarget, type Elsewhere, type RealmState } from './simulated-target.ts';

const UUIDS = Array.from({ length: 9 }, (_, n) => `0000000${n}-aaaa-4bbb-8ccc-dddddddddddd`);
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
    ids: fc.shuffledSubarray(UUIDS, { minLength: UUIDS.length }),
    withIds: fc.boolean(),
    hashes: fc.array(fc.constantFrom('h1', 'h2', undefined), { minLength: 8, maxLength: 8 }),
  })
  .map(({ realm, roles, groups, clients, users, links, ids, withIds, hashes }) => ({
    realm: [tidy(realm)],
    roles: withMapped(roles.map(tidy), users),
    groups: groups.map(tidy),
    clients: clients.map((body, at) => identified(tidy(body), withIds && at % 3 !== 2, ids[at])),
    policies: [],
    users: users.map((body, at) => identified(tidy(body), withIds && at % 3 !== 2, ids[at])),
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
const updates = ['users/u0', 'users/u1', 'users/u4', 'users/u6', 'users/U3', 'clients/c0', 'clients/c1'];
const policy: fc.Arbitrary<Partial<Policy>> = fc.record({
  realm: fc.constantFrom('merge' as const, 'overwrite' as const),
  users: fc.constantFrom('skip' as const, 'merge' as const),
  clients: fc.constantFrom('skip' as const, 'update' as const),
  extra: fc.constantFrom('keep' as const, 'delete' as const),
  unsupported: fc.constant('skip' as const),
  conflicts: fc.constant('skip' as const),
  caseVariants: fc.constantFrom('stop' as const, 'create' as const),
  exclude: fc.subarray(exclusions),
  update: fc.subarray(updates),
  issuedClients: fc.constantFrom('leave' as const, 'create' as const),
});

/** The source as it was captured: over one route or the other, with only some sections, or from a file. */
const captured = fc.record({
  route: fc.constantFrom('documented' as const, 'released' as const, 'full' as const),
  without: fc.subarray<Section>(['roles', 'groups', 'clients', 'credentials', 'policies', 'socialLinks']),
  fromFile: fc.boolean(),
});

const ROUTES = {
  documented: documentedRoute,
  released: releasedRoute,
  full: fullRoute,
  keeping: keepingRoute,
};

export const scenario = fc.record({
  source: state,
  target: fc.option(state, { nil: undefined, freq: 5 }),
  captured,
  route: fc.constantFrom('documented' as const, 'released' as const, 'full' as const, 'keeping' as const),
  policy,
  elsewhere: fc.subarray(UUIDS),
});
export type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

export interface Outcome {
  readonly planned: Planned;
  readonly again: () => Promise<Planned>;
  readonly before: SimulatedTarget;
  readonly after: SimulatedTarget;
  readonly deviations: readonly Deviation[];
  readonly source: SnapshotSides;
}

export async function carriedOut(of: Scenario): Promise<Outcome> {
  const source = sourceSides(of);
  const elsewhere = elsewhereOf(of);
  const before = new SimulatedTarget(ROUTES[of.route], of.target ?? {}, elsewhere);
  const after = new SimulatedTarget(ROUTES[of.route], of.target ?? {}, elsewhere);
  const setup = { source, policy: of.policy, route: ROUTES[of.route] };
  const holdersIn =
    (target: SimulatedTarget): PlanSetup['holders'] =>
    (section, ids) =>
      target.holdersOf(section, ids);
  const planned = await plan({
    ...setup,
    holders: holdersIn(before)!,
    ...(before.exists ? { target: before.capture() } : {}),
  });
  const { mode } = planned.summary;
  after.apply(applied(planned.items, mode, ROUTES[of.route]), mode);
  const issued = after.issued;
  const sourceOf = new Map([...issued].map(([key, given]) => [given, key]));
  const deviations = await gather(
    verifyApplied({
      context: planned.context,
      before: before.exists ? before.capture() : {},
      after: after.capture(2),
      entries: batched(planned.entries),
      issued: (section) => (section === 'clients' ? issued : new Map()),
    }),
  );
  return {
    planned,
    before,
    after,
    deviations,
    source,
    again: async () =>
      await plan({
        ...setup,
        holders: holdersIn(after)!,
        target: after.capture(),
        lookups: {
          issuedAs: (clientId) => issued.get(clientId),
          issuedFor: (clientId) => sourceOf.get(clientId),
        },
      }),
  };
}

function applied(items: readonly PlanItem[], mode: PlanMode, route: RouteCapabilities): ApplyItem[] {
  if (!route.survivors) return items.flatMap((item) => applyItemOf(item, mode) ?? []);
  const singly = items.map((item) => singleItemsOf(item, mode, route));
  return [
    ...singly.flatMap(({ deletion }) => deletion ?? []),
    ...singly.flatMap(({ writing }) => writing ?? []),
  ];
}

/** What records of another realm have, and so none of the target. */
function elsewhereOf({ target, elsewhere }: Scenario): Elsewhere {
  const ids = (section: 'users' | 'clients'): Record<string, string> => {
    const ours = new Set((target?.[section] ?? []).map((body) => body['id']));
    return Object.fromEntries(elsewhere.filter((id) => !ours.has(id)).map((id, n) => [id, `other-${n}`]));
  };
  return { users: ids('users'), clients: ids('clients') };
}

function sourceSides({ source, captured }: Scenario): SnapshotSides {
  const all = captured.fromFile
    ? Object.fromEntries(
        SECTIONS.map((section) => [
          section,
          sideOf(section, source[section]!, {
            knows: knownOver(ROUTES[captured.route], section),
            asLines: true,
          }),
        ]),
      )
    : new SimulatedTarget(ROUTES[captured.route], source).capture();
  return Object.fromEntries(
    Object.entries(all).filter(([section]) => !captured.without.includes(section as Section)),
  );
}

function identified(body: JsonObject, has: boolean, id: string | undefined): JsonObject {
  return has && id !== undefined ? { ...body, id } : body;
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
