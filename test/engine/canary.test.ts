import { REPORT_FORMATS } from '../../contract/report.ts';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { PolicyInput } from '../../contract/plan.ts';
import { startLine, type Line } from './line.ts';

const POLICY: PolicyInput = {
  realm: 'merge',
  users: 'merge',
  clients: 'update',
  extra: 'delete',
  unsupported: 'skip',
  conflicts: 'skip',
  caseVariants: 'create',
};
const CONFIRMED = { confirm: 'acme', confirmEnvironment: 'prod-postgres' };

/** Of every kind: hashes of users' passwords and of clients' secrets, the mail server's password, the database's. */
let secrets: string[];
let line: Line;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-canary-'));
  line = await startLine(200, { addApis: false });
  for (const environment of ['dev', 'prod']) await line.add(environment, 'postgres');
  secrets = ['smtp-password-of-acme'];
  for (const name of ['dev', 'prod']) {
    const environment = line.sandbox.environment(name);
    const hashes = await environment.query<{ hash: string }>(
      'user',
      'SELECT DISTINCT secret_hash AS hash FROM user_credentials',
    );
    secrets.push(...hashes.map(({ hash }) => hash), new URL(environment.pgUrl).password);
    secrets.push(...(await plantFreeForm(environment, name)));
  }
}, 60_000);
afterAll(async () => {
  await line.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Where anything may stand: addresses with passwords, headers, connection strings; in both environments others. */
async function plantFreeForm(
  environment: ReturnType<Line['sandbox']['environment']>,
  name: string,
): Promise<string[]> {
  const of = (what: string) => `Canary9${what}Of${name}`;
  const [row] = await environment.query<{ smtp_settings: string }>(
    'realm',
    "SELECT smtp_settings FROM realms WHERE name = 'acme'",
  );
  const settings = {
    ...(JSON.parse(row!.smtp_settings) as object),
    url: `smtps://mailer:${of('Mailer')}@smtp`,
    headers: { Authorization: `Bearer ${of('Header')}` },
  };
  const conditions = {
    call: { url: `https://svc:${of('Service')}@pdp`, headers: [{ name: 'Cookie', value: of('Cookie') }] },
    bearer: of('Bearer'),
    dsn: { text: of('Dsn') },
    log: `host=db user=log password=${of('Log')}`,
  };
  await environment.query(
    'realm',
    `UPDATE realms SET smtp_settings = '${JSON.stringify(settings)}' WHERE name = 'acme'`,
  );
  await environment.query(
    'rbac',
    `INSERT INTO policies (realm_name, name, resource, action, effect, conditions)
       VALUES ('acme', 'canary', 'r', 'a', 'PERMIT', '${JSON.stringify(conditions)}')`,
  );
  return ['Mailer', 'Header', 'Service', 'Cookie', 'Bearer', 'Dsn', 'Log'].map(of);
}

function expectNone(text: string): void {
  for (const secret of secrets) expect(text.includes(secret)).toBe(false);
  // The beginning of any BCrypt hash.
  expect(text).not.toMatch(/\$2[aby]\$\d\d\$/);
}

it('shows no hash and no password anywhere on the way of a realm, nor in the catalog’s files', async () => {
  expect(secrets.length).toBeGreaterThan(8);
  const { client } = line;
  const told: unknown[] = [];
  const written: string[] = [];
  const outputs = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    }),
  );
  try {
    await line.run({ kind: 'backup', environment: 'dev-postgres', realms: ['acme'] });
    const { id } = await client.snapshots.latest({ environment: 'dev-postgres', realm: 'acme' });
    for (const section of ['realm', 'clients', 'users', 'credentials'] as const)
      told.push(await client.snapshots.search({ snapshot: id, text: 'a', sections: [section], limit: 1000 }));
    for (const section of ['realm', 'clients', 'policies', 'credentials'] as const)
      told.push(await client.snapshots.records({ snapshot: id, section, limit: 500 }));
    for (const text of ['a', '2'])
      for await (const batch of await client.snapshots.searchStream({ snapshot: id, text, limit: 1000 }))
        told.push(batch);
    // A database that complains about a secret, and repeats it.
    await line.sandbox.environment('prod').query(
      'user',
      `ALTER TABLE user_credentials ADD CONSTRAINT picky CHECK (secret_hash NOT LIKE '%Cz2%' OR user_id IS NULL) NOT VALID;
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'hash % is refused', NEW.secret_hash USING DETAIL = 'hash ' || NEW.secret_hash; END $$;
         CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON user_credentials FOR EACH ROW EXECUTE FUNCTION refuse();`,
    );
    const plan = await line.plan({ source: id, environment: 'prod-postgres', policy: POLICY });
    const failed = await line.run({ kind: 'apply', plan: plan.plan, ...CONFIRMED });
    expect(failed.view.state).toBe('failed');
    told.push(failed);
    await line.sandbox.environment('prod').query('user', 'DROP TRIGGER refuse ON user_credentials');
    const applied = await line.run({ kind: 'apply', plan: plan.plan, ...CONFIRMED });
    expect(applied.error).toBeUndefined();
    expect(applied.result!.result).toMatchObject({ verified: true });
    told.push(plan, await client.plans.items({ plan: plan.plan, limit: 10_000 }), await client.plans.list());
    told.push(await line.run({ kind: 'diff', left: id, right: 'prod-postgres/acme', limit: 10_000 }));
    const undo = await line.run({ kind: 'rollback-plan', job: applied.view.id });
    const { snapshot: target } = plan.target;
    told.push(await client.snapshots.differences({ left: target!, right: id, limit: 500 }));
    told.push(undo, await client.plans.items({ plan: undo.result!.plan.plan, limit: 10_000 }));
    for (const { id: job } of await client.jobs.list({ limit: 1000 }))
      for (const format of REPORT_FORMATS) {
        told.push(await client.jobs.report({ job }));
        for await (const piece of await client.jobs.reportText({ job, format })) told.push(piece);
      }
    told.push(await client.environments.list(), await client.environments.probe({ name: 'prod-postgres' }));
    told.push(await client.snapshots.list({ all: true }));

    for (const format of ['opengate', 'users', 'clients'] as const) {
      const path = join(folder, `${format}.json`);
      told.push(await line.run({ kind: 'export-file', snapshot: id, path, format }));
      told.push(readFileSync(path, 'utf8'));
    }
    const archive = join(folder, 'archive.tar.zst');
    const words = { path: archive, credentials: false, keys: 'none' as const };
    told.push(await line.run({ kind: 'export-archive', snapshots: [id], ...words }));
    told.push(zstdDecompressSync(readFileSync(archive)).toString('utf8'));
    expect(told.at(-1)).toContain('"name":"canary"');
    const copy = await line.run({ kind: 'pseudonymize', source: id });
    for (const section of ['realm', 'policies'] as const)
      told.push(await client.snapshots.records({ snapshot: copy.result!.snapshot.id, section, limit: 500 }));
    const whole = join(folder, 'copy.tar.zst');
    await line.run({
      kind: 'export-archive',
      snapshots: [copy.result!.snapshot.id],
      path: whole,
      keys: 'none',
    });
    told.push(zstdDecompressSync(readFileSync(whole)).toString('utf8'));
    const plain = join(folder, 'plain.json');
    await line.run({
      kind: 'export-file',
      snapshot: id,
      path: plain,
      format: 'opengate',
      includeSecrets: true,
    });
    // Asked for explicitly, they are there: what is looked for could be found.
    expect(readFileSync(plain, 'utf8')).toContain('smtp-password-of-acme');
    expect(readFileSync(plain, 'utf8')).toContain('Canary9HeaderOfdev');
  } finally {
    for (const output of outputs) output.mockRestore();
  }
  expectNone(JSON.stringify(told));
  expectNone(written.join(''));
  for (const file of readdirSync(line.catalogDir, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const bytes = readFileSync(join(file.parentPath, file.name));
    for (const secret of secrets) expect(bytes.includes(secret)).toBe(false);
  }
}, 180_000);
