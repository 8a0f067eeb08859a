import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalRecord } from '../../model/canonical.ts';
import { parseLine } from '../../model/exact-json.ts';
import type { JsonObject } from '../../model/record.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import { openCatalog, type Catalog } from '../index.ts';
import { CHEAP_SCRYPT, PASSPHRASE } from '../test-catalog.ts';
import { MIGRATIONS } from './migrations.ts';

/** A folder `v<n>` for every version there ever was: a catalog, and what is in it. */
export const FIXTURES = fileURLToPath(new URL('../../../test/fixtures/catalogs/', import.meta.url));

const REMEMBERED = { environment: 'prod', realm: 'acme', reader: 'https://iam.example' };

/** Everything that can be read of a catalog, as plain JSON. */
export async function contentsOf(catalog: Catalog): Promise<JsonObject> {
  const snapshots = [];
  for (const manifest of catalog.snapshots.list({ purposes: ['backup', 'safety'] })) {
    const records: Partial<Record<Section, JsonObject[]>> = {};
    for (const section of manifest.sections) {
      records[section] = [];
      for await (const batch of catalog.snapshots.read(manifest.id, section))
        records[section].push(...batch.map(({ line }) => parseLine(line)));
    }
    snapshots.push({ manifest, records });
  }
  // Since version 2; forgotten after a day.
  const remembered = catalog.captureMemories.of(REMEMBERED).recall(['user 1', 'user 2', 'user 3']);
  const schedules = catalog.schedules.list().map((schedule) => ({
    ...schedule,
    webhookUrl: catalog.schedules.webhookOf(schedule.name),
  }));
  const contents = {
    environments: catalog.environments
      .list()
      .map((environment) => ({ ...environment, secrets: catalog.environments.secrets(environment.name) })),
    plans: catalog.plans.list(),
    jobs: catalog.jobs.list().map((job) => ({
      ...job,
      journal: [...catalog.jobs.steps(job.id)],
      itemFailures: [...catalog.jobs.failures(job.id)].flat(),
    })),
    snapshots,
    // Since version 3.
    ...(schedules.length > 0 && { schedules, settings: catalog.keeping.get() }),
    ...(remembered.size > 0 && { remembered: Object.fromEntries(remembered) }),
  };
  return JSON.parse(JSON.stringify(contents)) as JsonObject;
}

/** Puts something into every table. */
export async function fill(catalog: Catalog): Promise<void> {
  const { environments, plans, jobs, snapshots } = catalog;
  environments.add({
    name: 'dev',
    api: { apiUrl: 'https://dev.example:8089', clientId: 'drawbridge', clientSecret: 'dev secret' },
  });
  environments.add({
    name: 'prod',
    stage: 'production',
    api: {
      apiUrl: 'https://iam.example:8089',
      authUrl: 'https://iam.example:8080',
      clientId: 'drawbridge',
      clientSecret: 'api secret',
    },
    postgres: { url: 'postgres://opengate@db.example:5433/', password: 'database secret' },
  });

  const first = await capture(catalog, 40, 'Ada');
  await capture(catalog, 42, 'Grace');
  snapshots.setTags(first, { add: ['before-launch'] });
  snapshots.setPinned(first, true);

  plans.save({ id: 'plan0open', createdAt: '2026-01-01T00:00:00.000Z', document: { source: first } });
  plans.save({ id: 'plan1used', createdAt: '2026-01-02T00:00:00.000Z', document: { source: first } });
  const done = jobs.create({ kind: 'apply', title: 'Apply acme to prod', params: { plan: 'plan1used' } });
  const run = jobs.acquire(done.id);
  run.heartbeat({ phase: 'users', done: 1, of: 2, unit: 'users' });
  run.outcome(run.intent('realm', { mode: 'merge' }), 'done', { retries: 0 });
  run.outcome(run.intent('users 1–2', { from: 1 }), 'failed');
  run.intent('users 3–4', { from: 3 });
  run.addFailures([{ section: 'users', key: 'ünï\u0000cödé', reason: 'refused' }]);
  run.finish('succeeded_with_errors', { result: { verified: false } });
  plans.markApplied('plan1used', done.id);
  const failed = jobs.create({ kind: 'backup', title: 'Back up dev', params: {} });
  jobs.acquire(failed.id).finish('failed', {
    error: {
      code: 'UNREACHABLE',
      message: 'm',
      notChanged: 'n',
      remedy: 'r',
      details: { host: 'dev.example' },
    },
  });
  jobs.create({ kind: 'backup', title: 'Back up prod', params: { realms: ['acme'] } });
  catalog.captureMemories.of(REMEMBERED).note(
    new Map([
      ['user 1', ['a role']],
      ['user 2', []],
    ]),
  );
  catalog.keeping.change({ trash: '30d' });
  catalog.schedules.add({
    name: 'nightly',
    cron: '0 2 * * *',
    timeZone: 'Europe/Berlin',
    environment: 'dev',
    credentials: true,
    tags: [],
    onFailure: { webhookUrl: 'https://alerts.example.com/secret' },
  });
  catalog.keys.keepRecoveryKey(await catalog.keys.proposeRecoveryKey({ passphrase: PASSPHRASE }));
}

async function capture(catalog: Catalog, users: number, firstName: string): Promise<string> {
  const writer = catalog.snapshots.begin({
    environment: 'prod',
    realm: 'acme',
    purpose: 'backup',
    complete: true,
    tags: ['nightly'],
    note: 'as every night',
  });
  const add = (section: Section, bodies: JsonObject[]) =>
    writer.add(
      section,
      bodies.map((body) => canonicalRecord(section, body)),
    );
  await add('realm', [
    { name: 'acme', displayName: 'Acme', smtpConfig: { host: 'smtp.example', port: 587 } },
  ]);
  await add('roles', [{ name: 'viewer' }, { name: 'admin', description: 'Full access' }]);
  await add('clients', [
    { clientId: 'app', redirectUris: ['https://app.example/cb'], clientSecret: '**********' },
  ]);
  await add(
    'users',
    Array.from({ length: users }, (_, i) => ({
      username: `user-${i}`,
      email: `user-${i}@example.com`,
      firstName: i % 7 === 0 ? firstName : 'Zoë 🚀',
      roles: ['viewer'],
      newerServersMember: 12345678901234567890n.toString(),
    })),
  );
  const { id } = await writer.commit(
    {
      realm: 'acme',
      channel: 'admin-api',
      dialect: 'documented',
      sections: SECTIONS.filter((section) =>
        ['realm', 'roles', 'clients', 'users', 'groups'].includes(section),
      ),
      knows: { users: ['username', 'email'] },
      missing: [{ section: 'credentials', reason: 'The Admin API hides password hashes.' }],
      warnings: ['a warning'],
    },
    new AbortController().signal,
  );
  return id;
}

/** Freezes the newest version. One that is frozen is never made again: it must be what an older Drawbridge wrote. */
async function freeze(): Promise<void> {
  const folder = join(FIXTURES, `v${MIGRATIONS.length}`);
  if (existsSync(folder)) throw new Error(`${folder} is frozen already.`);
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-fixture-'));
  const catalog = await openCatalog({
    dir,
    keys: { passphrase: async () => PASSPHRASE },
    create: true,
    testing: { scrypt: CHEAP_SCRYPT },
  });
  await fill(catalog);
  const contents = await contentsOf(catalog);
  catalog.close();
  mkdirSync(folder, { recursive: true });
  cpSync(join(dir, 'catalog.db'), join(folder, 'catalog.db'));
  writeFileSync(join(folder, 'contents.json'), `${JSON.stringify(contents, null, 1)}\n`);
  rmSync(dir, { recursive: true });
}

if (import.meta.main) await freeze();
