import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededPassword } from '../../sandbox/index.ts';
import { startLine, type Line } from './line.ts';

const USERS = 60;

let line: Line;
let folder: string;
let snapshot: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-document-secrets-'));
  line = await startLine(USERS, { environments: ['dev', { name: 'empty', seed: 'none' }], addApis: false });
  await line.add('dev', 'postgres');
  await line.add('empty', 'postgres');
  const { result } = await line.run({ kind: 'backup', environment: 'dev-postgres', realms: ['acme'] });
  snapshot = result!.snapshots[0]!.id;
}, 60_000);
afterAll(async () => {
  await line.close();
  rmSync(folder, { recursive: true, force: true });
});

async function exported(includeSecrets: boolean): Promise<{ path: string; notes: readonly string[] }> {
  const path = join(folder, `${includeSecrets}.json`);
  const { result } = await line.run({
    kind: 'export-file',
    snapshot,
    path,
    format: 'opengate',
    includeSecrets,
    replace: true,
  });
  return { path, notes: result!.notes };
}

it('takes the password hashes into a document when asked, and everybody can log in where it is applied', async () => {
  const { path } = await exported(true);
  const plan = await line.plan({ source: path, environment: 'empty-postgres', policy: {} });
  expect(plan).toMatchObject({ mode: 'create', blocked: false });
  expect(await line.apply(plan.plan)).toMatchObject({ verified: true });
  const empty = line.sandbox.environment('empty');
  expect(await empty.checkPassword('acme', 'alice', seededPassword(1))).toBe(true);
  expect(await empty.checkClientSecret('acme-backend', seededPassword(3))).toBe(true);
  const hashes = `SELECT username, credential_type, secret_hash FROM user_credentials c JOIN users u ON u.id = user_id
    WHERE realm_name = 'acme' ORDER BY username COLLATE "C", credential_type`;
  const there = await empty.query('user', hashes);
  expect(there.length).toBeGreaterThan(0);
  expect(there).toEqual(await line.sandbox.environment('dev').query('user', hashes));
}, 30_000);

it('says what of the snapshot is not in the file, by number', async () => {
  const { counts } = await line.client.snapshots.get({ snapshot });
  const plain = await exported(false);
  const text = readFileSync(plain.path, 'utf8');
  expect(text).not.toMatch(/\$2[aby]\$|"credentials"/);
  expect(plain.notes[0]).toBe(
    `In the snapshot, but not in the file: ${counts.groups} groups, ${counts.policies} policies, ${counts.credentials} credentials, ${counts.socialLinks} social links.`,
  );
  expect(plain.notes[1]).toMatch(/^The file is without the \d+ secrets of clients\.$/);
  expect(plain.notes[2]).toContain('--include-secrets');
  const asked = await exported(true);
  expect(asked.notes).toEqual([
    `In the snapshot, but not in the file: ${counts.groups} groups, ${counts.policies} policies, ${counts.socialLinks} social links.`,
  ]);
});

it('is accepted by a server that does what OpenGate’s documentation says', async () => {
  const { authUrl, apiUrl, clientId, clientSecret } = line.sandbox.environment('dev');
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  const token = await fetch(`${authUrl}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body,
  });
  const { access_token } = (await token.json()) as { access_token: string };
  const document = readFileSync(join(folder, 'true.json'), 'utf8').replace(
    '"id":"acme"',
    '"id":"acme-again"',
  );
  const clients = document.replaceAll(/"clientId":"/g, '"clientId":"again-');
  const answer = await fetch(`${apiUrl}/admin/realms/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: clients,
  });
  expect(answer.status).toBe(201);
});
