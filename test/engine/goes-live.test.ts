import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PolicyInput } from '../../contract/plan.ts';
import type { EnvironmentHandle } from '../../sandbox/index.ts';
import { startLine, type Line } from './line.ts';

/** What is disabled in the source and would be enabled over the API of release v1.1.0, which cannot disable it. */
let line: Line;
let next: EnvironmentHandle;

beforeAll(async () => {
  line = await startLine(40, { dialect: 'v1.1', environments: ['dev', { name: 'next', seed: 'prod' }] });
  next = line.sandbox.environment('next');
  await line.sandbox
    .environment('dev')
    .query('realm', `UPDATE realms SET enabled = false WHERE name = 'acme'`);
  await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
});
afterAll(() => line?.close());

const SETTLED: PolicyInput = {
  realmName: 'closed',
  issuedClients: 'create',
  caseVariants: 'create',
  conflicts: 'skip',
};

const plan = (policy: PolicyInput) =>
  line.plan({ source: 'latest:dev/acme', environment: 'next', policy: { ...SETTLED, ...policy } });

async function conflicts(of: string): Promise<string[]> {
  const { items } = await line.client.plans.items({ plan: of, actions: ['conflict'] });
  return items.map(({ section, key, explanation }) => `${section}/${key}: ${explanation}`);
}

it('is not created unless somebody says so', async () => {
  const { plan: id, blocked, mode } = await plan({});
  expect({ blocked, mode }).toEqual({ blocked: true, mode: 'create' });
  const told = await conflicts(id);
  expect(told).toEqual([
    expect.stringMatching(
      /^realm\/closed: The source’s realm is disabled.*it will be ENABLED: people can log in\./,
    ),
    expect.stringMatching(/^clients\/acme-reports: The source’s client is disabled.*it will be ENABLED/),
  ]);
  const { error } = await line.run({ kind: 'apply', plan: id });
  expect(error).toMatchObject({ code: 'PLAN_BLOCKED' });
  expect(await next.query('realm', `SELECT 1 FROM realms WHERE name = 'closed'`)).toEqual([]);
});

it('is told by name before and after, where somebody did; and how many addresses are not verified', async () => {
  const { plan: id, blocked, warnings, cannotSet } = await plan({ unsupported: 'skip' });
  expect(blocked).toBe(false);
  expect(warnings.join('\n')).toMatch(/^Realm “closed” will be ENABLED, so that people can log in/m);
  expect(warnings.join('\n')).toMatch(/^Client “acme-reports” will be ENABLED/m);
  const result = await line.apply(id);
  expect(result).toMatchObject({ status: 'succeeded', verified: true });
  expect(await next.query('realm', `SELECT enabled FROM realms WHERE name = 'closed'`)).toEqual([
    { enabled: true },
  ]);
  const verified = cannotSet.find(({ member }) => member === 'emailVerified')!.records;
  expect(verified).toBeGreaterThan(5);
  expect(result.todo).toEqual(
    expect.arrayContaining([
      'Realm “closed” is enabled; the source’s is disabled. Disable it over PostgreSQL or on the server: until then people can log in.',
      'Client “acme-reports” is enabled; the source’s is disabled. Disable it over PostgreSQL or on the server: until then people can log in.',
      `Whether the e-mail address is verified (“emailVerified”) could not be set as in the source for ${verified} users: set it over PostgreSQL or on the server where it matters.`,
    ]),
  );
  expect(result.todo.join()).not.toContain('ENABLED');
});

it('is a conflict in a realm that exists as well, also where something else differs', async () => {
  await next.query('realm', `UPDATE realms SET display_name = 'Another' WHERE name = 'closed'`);
  const merge: PolicyInput = { realm: 'merge', users: 'merge', clients: 'skip' };
  const { plan: id } = await plan(merge);
  expect(await conflicts(id)).toContainEqual(
    expect.stringContaining('realm/closed: The source’s realm is disabled'),
  );
  const over = await plan({ realm: 'overwrite' });
  expect((await conflicts(over.plan)).join('\n')).toContain('realm/closed: The source’s realm is disabled');
  const settled = await plan({ ...merge, unsupported: 'skip' });
  expect(settled.blocked).toBe(false);
  expect(settled.warnings.join('\n')).toContain('Realm “closed” will be ENABLED');
});

it('is brought as it is over the databases', async () => {
  const {
    plan: id,
    blocked,
    warnings,
  } = await line.plan({
    source: 'latest:dev/acme',
    environment: await line.add('next', 'postgres'),
    policy: { realmName: 'shut', conflicts: 'skip', caseVariants: 'create' },
  });
  expect(blocked).toBe(false);
  expect(warnings.join()).not.toContain('ENABLED');
  await line.apply(id);
  expect(await next.query('realm', `SELECT enabled FROM realms WHERE name = 'shut'`)).toEqual([
    { enabled: false },
  ]);
});
