import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLine, type Line } from './line.ts';

/** A snapshot of the API of release v1.1.0, brought to databases that hold what that API does not tell. */
let line: Line;
let postgres: string;
let folder: string;

beforeAll(async () => {
  line = await startLine(40, { dialect: 'v1.1', environments: ['dev', { name: 'next', seed: 'prod' }] });
  postgres = await line.add('next', 'postgres');
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-released-source-'));
  await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
});
afterAll(async () => {
  await line?.close();
  rmSync(folder, { recursive: true, force: true });
});

const EVERYTHING =
  'the password policy, the mail settings (SMTP), groups, the web origins of clients, policies, password hashes and social links';
const MERGE = { realm: 'merge', users: 'merge', clients: 'update', conflicts: 'skip' } as const;

async function said(policy: Parameters<Line['plan']>[0]['policy'], source = 'latest:dev/acme') {
  const plan = await line.plan({ source, environment: postgres, policy });
  return { plan, said: plan.warnings.filter((text) => text.startsWith('The source’s snapshot does not')) };
}

it('says what a realm that is created lacks, in one sentence', async () => {
  const { plan, said: texts } = await said({
    realmName: 'acme-new',
    conflicts: 'skip',
    caseVariants: 'create',
  });
  expect(plan.mode).toBe('create');
  expect(texts).toEqual([
    `The source’s snapshot does not contain ${EVERYTHING}: that does not come along. Set it on the target afterwards where it is needed.`,
  ]);
  const result = await line.apply(plan.plan);
  expect(result.todo).toContain(texts[0]);
});

it('says of a realm that is merged into that it keeps its own', async () => {
  const { plan, said: texts } = await said({ ...MERGE, caseVariants: 'create' });
  expect(plan.mode).toBe('merge');
  expect(texts).toEqual([
    `The source’s snapshot does not contain ${EVERYTHING}: that does not come along. What the target has of it stays as it is; records that are created begin without.`,
  ]);
});

it('names only what the plan touches, and nothing where there is nothing to write', async () => {
  const { said: users } = await said({ ...MERGE, sections: ['users'], caseVariants: 'create' });
  expect(users).toEqual([]);
  const { said: clients } = await said({ ...MERGE, sections: ['clients'] });
  expect(clients).toHaveLength(1);
  expect(clients[0]).toContain('does not contain the web origins of clients: that does not come along.');
  const again = await said({ realmName: 'acme-new', ...MERGE });
  expect(again.plan.empty).toBe(true);
  expect(again.said).toEqual([]);
});

it('says of an overwrite what goes with the realm', async () => {
  const { said: texts } = await said({ realm: 'overwrite', conflicts: 'skip', caseVariants: 'create' });
  expect(texts).toEqual([
    `The source’s snapshot does not contain ${EVERYTHING}: that does not come along. What the target has of it goes with the realm, but for what is said here to be put back, or to stay.`,
  ]);
});

it('says nothing of a file, which declares what is wanted', async () => {
  const path = join(folder, 'declared.json');
  writeFileSync(path, JSON.stringify({ realm: { id: 'declared' }, users: [] }));
  expect((await said({}, path)).said).toEqual([]);
});
