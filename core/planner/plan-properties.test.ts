import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naturalKey } from '../model/natural-key.ts';
import type { JsonObject } from '../model/record.ts';
import { REDACTED } from '../model/secret.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { parseExclusions } from './exclusions.ts';
import { isPlanItem, type PlanItem, type Policy } from './plan.ts';
import { singleUpdates } from './single-updates.ts';
import { documentedRoute } from './testing/routes.ts';
import { carriedOut, scenario, type Scenario } from './testing/scenario.ts';
import { SimulatedTarget, type RealmState } from './testing/simulated-target.ts';
import { unverifiable } from './verify-applied.ts';

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
        const named = singleUpdates(of.policy.update, excluded);
        for (const item of planned.items) {
          // What is put back as it was is left alone in the end.
          if (item.reason === 'kept-through-overwrite') continue;
          expect(item.write !== undefined && excluded.excludes(item.section, item.key)).toBe(false);
        }
        const overwritten = planned.summary.mode === 'overwrite';
        for (const section of SECTIONS) {
          for (const body of after.bodies(section)) {
            const key = naturalKey(section, body);
            const was = before.bodies(section).find((other) => naturalKey(section, other) === key);
            const skipped =
              (section === 'users' && of.policy.users === 'skip' && !named.includes(section, key)) ||
              (section === 'clients' && of.policy.clients === 'skip' && !named.includes(section, key));
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

  it('updates by name just as all would be updated, and nothing else', async () => {
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async (mixed) => {
        // Whether an address is taken depends on who else is written.
        const of = withoutEmails(mixed);
        const { update, ...rest } = { ...of.policy, users: 'skip', clients: 'skip' } as const;
        const itemsOf = async (policy: Partial<Policy>) => {
          const { planned } = await carriedOut({ ...of, policy });
          return new Map(planned.items.map((item) => [`${item.section} ${item.key}`, item]));
        };
        const some = await itemsOf({ ...rest, update });
        const none = await itemsOf(rest);
        const all = await itemsOf({ ...rest, users: 'merge', clients: 'update' });
        const named = singleUpdates(update, parseExclusions(rest.exclude!));
        const carried = new Set([...some.values()].flatMap(rolesOf));
        for (const place of new Set([...some.keys(), ...none.keys(), ...all.keys()])) {
          const item = some.get(place);
          const at = place.indexOf(' ');
          const [section, key] = [place.slice(0, at) as Section, place.slice(at + 1)];
          // A role comes, and stays, with whoever is given it.
          const isAsAll =
            section === 'roles'
              ? carried.has(key)
              : section === 'clients'
                ? named.includes(section, key)
                : named.includes('users', holderOf(section, key, of));
          expect(item).toEqual((isAsAll ? all : none).get(place));
          if (isAsAll && item?.action === 'update') changed++;
        }
      }),
      { numRuns: 120 },
    );
    expect(changed).toBeGreaterThan(20);
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
          if (isApi(of.route) && (section === 'groups' || section === 'socialLinks')) continue;
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
        const had = isApi(of.route) ? before.bodies('users') : before.bodies('credentials');
        const lostHashes = had.filter(
          (c) => remaining.has(c['username']) && !withHash.has(c['username']),
        ).length;
        const tellable = !isApi(of.route) || mode === 'overwrite';
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
          const { write: _write, promise: _promise, line: _line, ...shown } = entry;
          expect(JSON.stringify(shown)).not.toMatch(/\$2a\$|"(?:one|two|p1|p2)"/);
        }
        expect(unverifiable(once.planned.summary, once.after.capture())).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

function isApi(route: Scenario['route']): boolean {
  return route === 'documented' || route === 'released';
}

function holdsGivenSecret(client: JsonObject): boolean {
  const secret = client['clientSecret'];
  return (typeof secret === 'string' && !secret.startsWith('issued')) || client['secretHash'] !== undefined;
}

function ownerOf(item: PlanItem): string {
  const username = item.write?.['username'];
  return typeof username === 'string' ? username : item.key.split('\u0000')[0]!;
}

/** The user whom it is about: themselves, or to whom it belongs. */
function holderOf(section: Section, key: string, { source, target }: Scenario): string {
  if (section !== 'socialLinks') return key.split('\u0000')[0]!;
  const links = [...source.socialLinks!, ...(target?.socialLinks ?? [])];
  const username = links.find((link) => naturalKey(section, link) === key)?.['username'];
  return typeof username === 'string' ? username : '';
}

function rolesOf({ section, write }: PlanItem): readonly unknown[] {
  const roles = section === 'users' ? write?.['roles'] : undefined;
  return Array.isArray(roles) ? roles : [];
}

function withoutEmails(of: Scenario): Scenario {
  const without = (state: RealmState): RealmState => ({
    ...state,
    users: state.users!.map((user) =>
      Object.fromEntries(Object.entries(user).filter(([name]) => name !== 'email')),
    ),
  });
  return { ...of, source: without(of.source), target: of.target && without(of.target) };
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
