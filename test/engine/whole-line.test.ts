import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../contract/plan.ts';
import { startLine, type Line } from './line.ts';

const SETTLED = {
  realm: 'merge',
  users: 'merge',
  clients: 'skip',
  unsupported: 'skip',
  conflicts: 'skip',
} as const;

let line: Line;
let folder: string;
beforeAll(async () => {
  line = await startLine(600);
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-whole-line-'));
});
afterAll(async () => {
  await line.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a backup', () => {
  it('captures a realm, and recognizes that nothing changed', async () => {
    const first = await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'], tags: ['nightly'] });
    const [snapshot] = first.result!.snapshots;
    expect(snapshot).toMatchObject({ realm: 'acme', environment: 'dev', complete: true, unchanged: false });
    expect(snapshot!.counts).toMatchObject({ realm: 1, users: 600 });
    expect(snapshot!.missing.map(({ section }) => section)).toContain('credentials');

    const second = await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
    expect(second.result!.snapshots[0]).toMatchObject({ unchanged: true, root: snapshot!.root });
    expect(second.result!.snapshots[0]!.unchangedSince).toBe(snapshot!.id);
  });

  it('captures every realm when none is named', async () => {
    const { result } = await line.run({ kind: 'backup', environment: 'dev' });
    const listed = await line.client.environments.realms({ name: 'dev' });
    expect(result!.snapshots.map(({ realm }) => realm).sort()).toEqual(listed.map(({ name }) => name).sort());
  });

  it('goes on with the other realms when one fails', async () => {
    line.fault = ({ path }) =>
      path === '/admin/realms/partner-portal/export' ? { kind: 'answer', status: 403 } : undefined;
    const { view, result } = await line.run({ kind: 'backup', environment: 'dev' });
    line.fault = undefined;
    expect(view.state).toBe('succeeded_with_errors');
    expect(result!.snapshots.map(({ realm }) => realm)).not.toContain('partner-portal');
    const { failures } = await line.client.jobs.report({ job: view.id });
    expect(failures).toMatchObject([{ section: 'realm', key: 'partner-portal' }]);
  });

  it('reads an export again that broke off, and stores nothing of one that always does', async () => {
    let breaks = 1;
    line.fault = ({ path }) =>
      path === '/admin/realms/acme/export' && breaks-- > 0
        ? { kind: 'breakAfter', bytes: 50_000 }
        : undefined;
    const again = await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
    expect(again.result!.snapshots[0]!.unchanged).toBe(true);

    const before = await line.client.snapshots.list({ all: true });
    breaks = Infinity;
    const never = await line.run({ kind: 'backup', environment: 'dev', realms: ['acme'] });
    line.fault = undefined;
    expect(never.view.state).toBe('failed');
    expect(never.error).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await line.client.snapshots.list({ all: true })).toEqual(before);
  });

  it('verifies, finds one user, and shows no secret', async () => {
    const { id } = await line.client.snapshots.latest({ environment: 'dev', realm: 'acme' });
    const verified = await line.run({ kind: 'verify', snapshot: id });
    expect(verified.result!.report).toMatchObject({ snapshots: 1, damaged: [] });
    const [someone] = await line.users('dev', 'acme');
    const record = await line.client.snapshots.record({
      snapshot: id,
      section: 'users',
      key: someone!.username,
    });
    expect(record).toMatchObject({ username: someone!.username, email: someone!.email });
    // A text of slashes alone is no key, and is not looked for in all the ways that it could be one.
    const slashes = { snapshot: id, section: 'credentials' as const, key: '/'.repeat(1_000_000) };
    await expect(line.client.snapshots.record(slashes)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { matches } = await line.client.snapshots.search({
      snapshot: id,
      text: 'client',
      sections: ['clients'],
    });
    expect(JSON.stringify(matches)).not.toContain('**');
  });
});

describe('a merge', () => {
  it('is blocked while there are conflicts, and says which', async () => {
    const plan = await line.plan({
      source: 'latest:dev/acme',
      environment: 'prod',
      policy: { realm: 'merge' },
    });
    expect(plan.blocked).toBe(true);
    const { items } = await line.client.plans.items({ plan: plan.plan, actions: ['conflict'], limit: 1000 });
    const reasons = new Set(items.map(({ reason }) => reason));
    expect(reasons).toContain('email-taken');
    expect(reasons).toContain('differs-only-by-case');
    const before = await line.users('prod', 'acme');
    const refused = await line.run({ kind: 'apply', plan: plan.plan });
    expect(refused.error).toMatchObject({ code: 'PLAN_BLOCKED' });
    expect(await line.users('prod', 'acme')).toEqual(before);
  });

  it('stops by default at a realm that exists', async () => {
    const plan = await line.plan({ source: 'latest:dev/acme', environment: 'prod', policy: {} });
    expect(plan.blocked).toBe(true);
    expect(plan.sections.realm).toMatchObject({ conflict: 1 });
  });

  it('refuses to write when the target changed after the preview', async () => {
    const plan = await line.plan({ source: 'latest:dev/acme', environment: 'prod', policy: SETTLED });
    await line.sandbox
      .environment('prod')
      .query(
        'user',
        "UPDATE users SET first_name = 'Changed meanwhile' WHERE username = (SELECT min(username) FROM users WHERE realm_name = 'acme') AND realm_name = 'acme'",
      );
    const before = await line.users('prod', 'acme');
    const { error } = await line.run({ kind: 'apply', plan: plan.plan });
    expect(error).toMatchObject({ code: 'TARGET_CHANGED', notChanged: 'Nothing was written.' });
    expect(await line.users('prod', 'acme')).toEqual(before);
  });

  it('changes one who is there by name, and nobody else who is there', async () => {
    const policy = { ...SETTLED, users: 'skip' } as const;
    const skipping = await line.plan({ source: 'latest:dev/acme', environment: 'prod', policy });
    const { items } = await line.client.plans.items({
      plan: skipping.plan,
      actions: ['skip'],
      sections: ['users'],
      limit: 1_000,
    });
    const [one, other] = items.filter(({ reason }) => reason === 'exists-policy-skip').map(({ key }) => key);
    const only = [`users/${one}`, `users/${other}`];
    // Of roles nothing is asked: they are changed anyway.
    await expect(
      line.plan({ source: 'latest:dev/acme', environment: 'prod', policy: { update: ['roles/viewer'] } }),
    ).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('--update') });
    const plan = await line.plan({
      source: 'latest:dev/acme',
      environment: 'prod',
      policy: { ...policy, only, update: [only[0]!] },
    });
    expect(plan.policy.update).toEqual([only[0]]);
    expect(plan.sections.users).toMatchObject({ create: 0, update: 1 });
    const source = new Map((await line.users('dev', 'acme')).map((user) => [user.username, user]));
    const before = new Map((await line.users('prod', 'acme')).map((user) => [user.username, user]));
    expect(await line.apply(plan.plan)).toMatchObject({ verified: true, counts: { update: 1 } });
    const after = new Map((await line.users('prod', 'acme')).map((user) => [user.username, user]));
    expect(after.get(one!)).not.toEqual(before.get(one!));
    expect(after.get(one!)).toMatchObject({ email: source.get(one!)!.email });
    for (const map of [before, after]) map.delete(one!);
    expect(after).toEqual(before);
  });

  it('writes what was previewed, no more and no less, and proves it', async () => {
    const before = new Map((await line.users('prod', 'acme')).map((user) => [user.username, user]));
    const source = await line.users('dev', 'acme');
    const plan = await line.plan({ source: 'dev/acme', environment: 'prod', policy: SETTLED });
    const result = await line.apply(plan.plan);
    expect(result).toMatchObject({ status: 'succeeded', verified: true, failures: 0, deviationCount: 0 });
    expect(result.counts.create).toBeGreaterThan(0);
    expect(result.safetySnapshot).not.toBeNull();

    const after = new Map((await line.users('prod', 'acme')).map((user) => [user.username, user]));
    const { items } = await line.client.plans.items({
      plan: plan.plan,
      actions: ['conflict', 'skip'],
      limit: 10_000,
    });
    const leftOut = new Set(items.filter(({ section }) => section === 'users').map(({ key }) => key));
    for (const user of source)
      if (!leftOut.has(user.username)) expect(after.get(user.username)).toMatchObject({ email: user.email });
    for (const [username, user] of before)
      if (leftOut.has(username)) expect(after.get(username)).toEqual(user);
    // Nobody but those of either side is there.
    expect(after.size).toBe(before.size + plan.sections.users!.create);
  });

  it('has nothing left to do the second time', async () => {
    const plan = await line.plan({ source: 'dev/acme', environment: 'prod', policy: SETTLED });
    expect(plan.empty).toBe(true);
    const result = await line.apply(plan.plan);
    expect(result).toMatchObject({ status: 'nothing-to-do', verified: true });
  });

  it('cannot be applied twice', async () => {
    const [plan] = (await line.client.plans.list()).filter(({ applied }) => applied);
    const { error } = await line.run({ kind: 'apply', plan: plan!.plan });
    expect(error).toMatchObject({ code: 'PLAN_OUTDATED' });
  });
});

describe('an overwrite', () => {
  const overwrite = {
    realm: 'overwrite',
    conflicts: 'skip',
    exclude: ['clients/partner-sync'],
  } satisfies PolicyInput;

  it('states its losses in numbers and wants both names on production', async () => {
    const plan = await line.plan({ source: 'latest:dev/acme', environment: 'prod', policy: overwrite });
    expect(plan).toMatchObject({ destructive: true, mode: 'overwrite', blocked: false });
    expect(plan.losses.sessions).toBe('all');
    expect(plan.losses.users).toBeGreaterThan(0);
    const before = await line.users('prod', 'acme');
    for (const given of [
      {},
      { confirm: 'acme' },
      { confirmEnvironment: 'prod' },
      { confirm: 'Acme', confirmEnvironment: 'prod' },
    ]) {
      const { error } = await line.run({ kind: 'apply', plan: plan.plan, ...given });
      expect(error).toMatchObject({ code: 'CONFIRMATION_NEEDED', notChanged: 'Nothing was changed.' });
      expect(error!.message).toContain(`${plan.losses.users} users are deleted`);
    }
    expect(await line.users('prod', 'acme')).toEqual(before);
  });

  it('replaces the realm once confirmed, and can be gone back on', async () => {
    const before = await line.users('prod', 'acme');
    const plan = await line.plan({ source: 'latest:dev/acme', environment: 'prod', policy: overwrite });
    const names = { confirm: 'acme', confirmEnvironment: 'prod' };
    const result = await line.apply(plan.plan, names);
    expect(result).toMatchObject({ status: 'succeeded', verified: true });
    const devUsers = (await line.users('dev', 'acme')).map(({ username }) => username);
    expect((await line.users('prod', 'acme')).map(({ username }) => username)).toEqual(devUsers);

    const back = await line.plan({
      source: result.safetySnapshot!,
      environment: 'prod',
      policy: { realm: 'overwrite' },
    });
    expect(await line.apply(back.plan, names)).toMatchObject({ verified: true });
    expect(await line.users('prod', 'acme')).toEqual(before);
  });
});

describe('undoing over the Admin API', () => {
  it('overwrites with what was there before, and counts what that loses', async () => {
    const before = await line.users('prod', 'acme');
    const plan = await line.plan({
      source: 'latest:dev/acme',
      environment: 'prod',
      policy: { realm: 'overwrite', conflicts: 'skip', exclude: ['clients/partner-sync'] },
    });
    const names = { confirm: 'acme', confirmEnvironment: 'prod' };
    const { view } = await line.run({ kind: 'apply', plan: plan.plan, ...names });
    const { result } = await line.run({ kind: 'rollback-plan', job: view.id });
    expect(result!.plan).toMatchObject({ mode: 'overwrite', blocked: false, undoes: view.id });
    expect(result!.plan.losses.passwordHashes).toBeGreaterThan(0);
    const undone = await line.run({ kind: 'apply', plan: result!.plan.plan, ...names });
    expect(undone.result!.result).toMatchObject({ verified: true, undid: view.id });
    expect(await line.users('prod', 'acme')).toEqual(before);
  });
});

describe('a new realm', () => {
  it('is created under another name, equal to its source', async () => {
    const plan = await line.plan({
      source: 'latest:dev/acme',
      environment: 'prod',
      policy: { realmName: 'acme-copy', clients: 'skip', conflicts: 'skip' },
    });
    expect(plan).toMatchObject({ mode: 'create', destructive: false });
    // Client ids are unique over all realms of a server: those of acme are taken.
    const { items } = await line.client.plans.items({ plan: plan.plan, sections: ['clients'], limit: 100 });
    expect(items.some(({ reason, other }) => reason === 'client-id-taken' && other !== undefined)).toBe(true);
    expect(await line.apply(plan.plan)).toMatchObject({ verified: true, safetySnapshot: null });
    expect(await line.users('prod', 'acme-copy')).toEqual(await line.users('dev', 'acme'));
  });

  it('travels through a document in a file', async () => {
    const { id } = await line.client.snapshots.latest({ environment: 'dev', realm: 'partner-portal' });
    const path = join(folder, 'partner-portal.json');
    const exported = await line.run({ kind: 'export-file', snapshot: id, path, format: 'opengate' });
    expect(exported.result!.bytes).toBe(readFileSync(path).length);
    expect(readFileSync(path, 'utf8')).not.toMatch(/\*\*\*|redacted/);
    const again = await line.run({ kind: 'export-file', snapshot: id, path, format: 'opengate' });
    expect(again.error).toMatchObject({ code: 'FILE_FAILED' });
    const { result } = await line.run({ kind: 'diff', left: id, right: path });
    expect(result!.comparison).toMatchObject({ equal: true });
  });
});

describe('refusals', () => {
  it('does not plan a realm onto itself', async () => {
    const { error } = await line.run({ kind: 'plan', source: 'dev/acme', environment: 'dev', policy: {} });
    expect(error).toMatchObject({ code: 'SAME_REALM' });
  });

  it('wants a name for a document that has none, and refuses one that is none', async () => {
    const path = join(folder, 'users.json');
    writeFileSync(path, JSON.stringify({ users: [{ username: 'ann', email: 'ann@example.com' }] }));
    const unnamed = await line.run({ kind: 'plan', source: path, environment: 'dev', policy: {} });
    expect(unnamed.error).toMatchObject({ code: 'USAGE' });
    expect(unnamed.error!.remedy).toContain('--realm-name');

    const odd = join(folder, 'odd.json');
    writeFileSync(odd, JSON.stringify({ realm: { id: 'My Realm' } }));
    const refused = await line.run({ kind: 'plan', source: odd, environment: 'dev', policy: {} });
    expect(refused.error).toMatchObject({ code: 'INVALID_NAME' });
  });

  it('says where in a document two records of one key stand', async () => {
    const path = join(folder, 'doubles.json');
    const users = ['ann', 'bob', 'ann'].map((username) => ({ username, email: `${username}@example.com` }));
    writeFileSync(path, JSON.stringify({ realm: { id: 'doubles' }, users }));
    const { error } = await line.run({ kind: 'import-file', path });
    expect(error).toMatchObject({ code: 'DUPLICATE_KEY', details: { paths: ['users[0]', 'users[2]'] } });
    expect(error!.message).toContain('users[0] and users[2]');
  });

  it('says at once that a seed is blocked, rather than to wait for another to finish', async () => {
    const { id } = await line.client.snapshots.latest({ environment: 'dev', realm: 'acme' });
    const { matches } = await line.client.snapshots.search({
      snapshot: id,
      text: 'acme',
      sections: ['clients'],
    });
    const path = join(folder, 'blocked.json');
    const clients = [{ clientId: matches[0]!.key, redirectUris: [], grantTypes: ['client_credentials'] }];
    writeFileSync(path, JSON.stringify({ realm: { id: 'blocked' }, clients }));
    const { error } = await line.run({ kind: 'seed', path, environment: 'dev' });
    expect(error).toMatchObject({ code: 'PLAN_BLOCKED', notChanged: 'Nothing was changed.' });
    // One plan was made, not one every half second.
    const plans = (await line.client.plans.list()).filter(({ target }) => target.realm === 'blocked');
    expect(plans).toHaveLength(1);
  });

  it('wants a seed to have a realm with a possible name, and a backup to name one', async () => {
    const path = join(folder, 'no-realm.json');
    writeFileSync(path, JSON.stringify({ users: [{ username: 'ann', email: 'ann@example.com' }] }));
    const unnamed = await line.run({ kind: 'seed', path, environment: 'dev' });
    expect(unnamed.error).toMatchObject({ code: 'INVALID_DOCUMENT', notChanged: 'Nothing was created.' });
    writeFileSync(path, JSON.stringify({ realm: { id: 'No Slug' } }));
    const misnamed = await line.run({ kind: 'seed', path, environment: 'dev' });
    expect(misnamed.error).toMatchObject({ code: 'INVALID_NAME' });
    const backup = await line.run({ kind: 'backup', environment: 'dev', realms: ['No Slug'] });
    expect(backup.error).toMatchObject({ code: 'INVALID_NAME', notChanged: 'Nothing was read.' });
  });

  it('does not write a mask over a secret, whatever its member is called', async () => {
    const path = join(folder, 'masked.json');
    const smtpConfig = {
      host: 'smtp.example.com',
      signingMaterial: '**********',
      nested: { k: '<redacted>' },
    };
    writeFileSync(path, JSON.stringify({ realm: { id: 'masked', smtpConfig } }));
    const { result } = await line.run({ kind: 'seed', path, environment: 'dev' });
    expect(result!.result).toMatchObject({ status: 'succeeded', verified: true });
    const [row] = await line.sandbox
      .environment('dev')
      .query<{ smtp_settings: string }>(
        'realm',
        "SELECT smtp_settings::text FROM realms WHERE name = 'masked'",
      );
    expect(row!.smtp_settings).toContain('smtp.example.com');
    expect(row!.smtp_settings).not.toMatch(/\*|redacted/);
  });

  it('does not call verified what has a record that failed', async () => {
    const path = join(folder, 'too-long.json');
    const users = ['ann', 'x'.repeat(256)].map((username) => ({
      username,
      email: `${username.slice(0, 9)}@example.com`,
    }));
    writeFileSync(path, JSON.stringify({ realm: { id: 'too-long' }, users }));
    const { result } = await line.run({ kind: 'seed', path, environment: 'dev' });
    expect(result!.result).toMatchObject({
      status: 'succeeded_with_errors',
      verified: false,
      failures: 1,
      deviationCount: 0,
      counts: { create: 2, failed: 1 },
      sections: { realm: { create: 1, failed: 0 }, users: { create: 1, failed: 1 } },
    });
  });

  it('names what is not there', async () => {
    await expect(line.client.snapshots.get({ snapshot: 'zzzzzz' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const { error } = await line.run({ kind: 'backup', environment: 'dev', realms: ['nowhere'] });
    expect(error).toMatchObject({ code: 'REALM_NOT_FOUND' });
    const missing = await line.run({ kind: 'import-file', path: join(folder, 'missing.json') });
    expect(missing.error).toMatchObject({ code: 'FILE_FAILED' });
  });
});

describe('seeding', () => {
  it('creates a realm once, and is as successful the second time and two at a time', async () => {
    const path = join(folder, 'seed.json');
    const seed = {
      realm: { id: 'seeded', displayName: 'Seeded' },
      roles: [{ name: 'viewer', description: 'Reads' }],
      clients: [
        {
          clientId: 'seeded-app',
          redirectUris: ['https://app.example.com/cb'],
          grantTypes: ['authorization_code'],
        },
      ],
      users: [{ username: 'ann', email: 'ann@example.com', enabled: true, roles: ['viewer'] }],
    };
    writeFileSync(path, JSON.stringify(seed));
    const together = await Promise.all(
      [1, 2].map(() => line.run({ kind: 'seed', path, environment: 'dev' })),
    );
    for (const { error } of together) expect(error).toBeUndefined();
    const statuses = together.map(({ result }) => result!.result.status).sort();
    expect(statuses).toEqual(['exists', 'succeeded']);
    const again = await line.run({ kind: 'seed', path, environment: 'dev' });
    // Left alone, and so nothing was verified.
    expect(again.result!.result).toMatchObject({ status: 'exists', verified: false });
    expect(await line.users('dev', 'seeded')).toMatchObject([{ username: 'ann', roles: ['viewer'] }]);
  });
});
