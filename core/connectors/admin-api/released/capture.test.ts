import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAppError } from '../../../../contract/errors.ts';
import { parseLine } from '../../../model/exact-json.ts';
import type { JsonObject, JsonValue } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import type { CaptureFacts } from '../../../model/snapshot.ts';
import type { CaptureMemory, CaptureOptions, Remembered } from '../../connector.ts';
import { sendJson } from '../testing/scripted-server.ts';
import { captureReleased } from './capture.ts';
import { REALM, someUsers, startRealm, uuid, type ScriptedRealm } from './testing/scripted-realm.ts';

let realm: ScriptedRealm;
beforeEach(async () => {
  realm = await startRealm();
});
afterEach(async () => {
  await realm.close();
});

const never = new AbortController().signal;

interface Taken {
  readonly facts: CaptureFacts;
  readonly sections: ReadonlyMap<Section, ReadonlyMap<string, JsonObject>>;
  readonly users: ReadonlyMap<string, JsonObject>;
}

async function take(options: CaptureOptions = {}, name = REALM, signal = never): Promise<Taken> {
  const sections = new Map<Section, Map<string, JsonObject>>();
  const capture = captureReleased(realm.tools, name, options, signal);
  for await (const { section, records } of capture.batches) {
    const into = sections.get(section) ?? new Map<string, JsonObject>();
    sections.set(section, into);
    for (const { key, line } of records) {
      expect(into.has(key)).toBe(false);
      into.set(key, parseLine(line));
    }
  }
  return { facts: capture.facts(), sections, users: sections.get('users') ?? new Map() };
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const asked = (part: string): string[] =>
  realm.asked.map(({ path }) => path).filter((path) => path.includes(part));

/** Another order for each page that is asked for; `seed` for reproducible ones. */
function shuffling(seed: number): ScriptedRealm['order'] {
  let state = seed;
  return (users) =>
    users
      .map((user) => ({ user, at: (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) }))
      .sort((a, b) => a.at - b.at)
      .map(({ user }) => user);
}

/** Kept between two captures, as a catalog would. */
class TestMemory implements CaptureMemory {
  readonly kept = new Map<string, Remembered>();
  get users(): number {
    return [...this.kept.keys()].filter((key) => key.startsWith('user ')).length;
  }
  now = (): number => Date.now();
  recall(keys: readonly string[]): ReadonlyMap<string, Remembered> {
    return new Map(keys.flatMap((key) => (this.kept.has(key) ? [[key, this.kept.get(key)!] as const] : [])));
  }
  note(values: ReadonlyMap<string, JsonValue>): void {
    for (const [key, value] of values) this.kept.set(key, { value, at: this.now() });
  }
}

describe('a realm without export endpoints', () => {
  it('is read with all that its answers tell, under our names', async () => {
    realm.users[0] = { ...realm.users[0]!, more: { nickname: 'Zoë', nothing: null } };
    realm.realms[0] = { ...realm.realms[0], constructor: 'a newer server' };
    const { facts, sections, users } = await take();
    expect(facts).toMatchObject({
      realm: REALM,
      channel: 'admin-api',
      dialect: 'v1.1',
      sections: ['realm', 'roles', 'clients', 'users'],
      warnings: [],
    });
    expect(facts.inconsistent).toBeUndefined();
    expect(sections.get('realm')!.get(REALM)).toEqual({
      name: REALM,
      displayName: 'Acme',
      enabled: true,
      loginTheme: 'default',
      accessTokenLifespan: 300,
      refreshTokenLifespan: 600,
      mfaRequired: false,
      id: uuid('realm'),
      createdAt: '2025-01-01T00:00:00Z',
      updatedAt: '2025-01-01T00:00:00.12Z',
      constructor: 'a newer server',
    });
    expect([...sections.get('roles')!.keys()].sort()).toEqual(['admin', 'idle', 'viewer']);
    expect(sections.get('clients')!.get('client-1')).toMatchObject({ name: 'Web', redirectUris: ['x'] });
    expect(Object.keys(sections.get('clients')!.get('client-1')!)).not.toContain('grantTypes');
    expect(users.size).toBe(20);
    expect(users.get('user-0')).toEqual({
      username: 'user-0',
      email: 'user-0@acme.example',
      lastName: 'L',
      enabled: true,
      emailVerified: false,
      roles: ['admin', 'viewer'],
      id: uuid('user', 0),
      createdAt: '2025-01-01T00:00:00.123456Z',
      updatedAt: '2025-01-01T00:00:00Z',
      nickname: 'Zoë',
    });
    expect(users.get('user-2')!['roles']).toEqual([]);
  });

  it('says what its answers do not tell', async () => {
    const { facts } = await take();
    expect(facts.knows.users).toContain('roles');
    expect(facts.knows.users).not.toContain('password');
    expect(facts.knows.clients).not.toContain('webOrigins');
    expect(facts.knows.realm).not.toContain('smtpConfig');
    const missing = facts.missing.map(({ section, member }) => (member ? `${section}.${member}` : section));
    expect(missing.sort()).toEqual(
      [
        'groups',
        'policies',
        'credentials',
        'socialLinks',
        'realm.passwordPolicy',
        'realm.smtpConfig',
        'clients.webOrigins',
        'clients.clientSecret',
      ].sort(),
    );
  });

  it('is asked only for what is wanted', async () => {
    const { facts, sections } = await take({ sections: ['roles', 'clients'] });
    expect([...sections.keys()].sort()).toEqual(['clients', 'roles']);
    expect(facts.sections).toEqual(['roles', 'clients']);
    expect(facts.missing).toContainEqual({ section: 'users', reason: 'It was not asked for.' });
    expect(asked('/users')).toEqual([]);
    const error = await errorOf(take({ sections: ['groups', 'policies'] }));
    expect(isAppError(error, 'UNSUPPORTED_BY_ROUTE')).toBe(true);
  });

  it('is not found, which the list tells: the answer is a bare 500', async () => {
    for (const sections of [undefined, ['users'], ['roles']] as const) {
      const error = await errorOf(take(sections ? { sections } : {}, 'nobody'));
      expect(isAppError(error, 'REALM_NOT_FOUND')).toBe(true);
    }
  });

  it('that is there and cannot be read is no realm that is not there', async () => {
    realm.meddle = ({ path }, response) => {
      if (path !== `/admin/realms/${REALM}`) return false;
      sendJson(response, 500, { status: 500, error: 'Internal Server Error' });
      return true;
    };
    expect(isAppError(await errorOf(take()), 'SERVER_ERROR')).toBe(true);
  });

  it('leaves behind what bears its name', async () => {
    realm.realms = [];
    expect(isAppError(await errorOf(take()), 'REALM_NOT_FOUND')).toBe(true);
    const { facts, sections, users } = await take({ leftovers: true });
    expect(facts.sections).toEqual(['realm', 'roles', 'clients', 'users']);
    expect(sections.has('realm')).toBe(false);
    expect(users.size).toBe(20);
    expect(sections.get('clients')!.size).toBe(1);
  });

  it('is read with no more calls at once than the environment allows, and tells how far it is', async () => {
    realm.users = someUsers(2_000);
    const capture = captureReleased(realm.tools, REALM, {}, never);
    expect(capture.expected?.()).toBeUndefined();
    const expected = new Set<number | undefined>();
    let records = 0;
    for await (const batch of capture.batches) {
      expect(batch.records.length).toBeLessThanOrEqual(300);
      records += batch.records.length;
      expected.add(capture.expected?.());
    }
    expect(realm.underWay.most).toBeGreaterThan(4);
    expect(realm.underWay.most).toBeLessThanOrEqual(8);
    expect(records).toBe(2_005);
    expect(expected.has(2_002)).toBe(true);
  });

  it('another realm’s user is an answer that is not believed', async () => {
    realm.users[3] = { ...realm.users[3]!, more: { realmName: 'other' } };
    const error = await errorOf(take());
    expect(isAppError(error, 'UNEXPECTED_ANSWER')).toBe(true);
  });

  it('counts the calls that were repeated', async () => {
    let failures = 0;
    realm.meddle = ({ path }, response) => {
      if (!path.endsWith('/role-mappings') || failures >= 7) return false;
      failures++;
      sendJson(response, 503, {});
      return true;
    };
    const { facts, users } = await take();
    expect(facts.retries).toBe(7);
    expect(users.size).toBe(20);
  });

  it('stops when it is canceled, and when nobody reads on', async () => {
    realm.users = someUsers(3_000);
    const abort = new AbortController();
    realm.meddle = () => {
      if (asked('role-mappings').length > 100) abort.abort();
      return false;
    };
    expect(isAppError(await errorOf(take({}, REALM, abort.signal)), 'CANCELED')).toBe(true);
    realm.meddle = () => false;
    for await (const { section } of captureReleased(realm.tools, REALM, {}, never).batches)
      if (section === 'users') break;
    const pause = async () => await new Promise((resolve) => setTimeout(resolve, 100));
    // Calls that were called off may still reach the server.
    await pause();
    const before = realm.asked.length;
    await pause();
    expect(realm.asked.length).toBe(before);
    expect(before).toBeLessThan(1_500);
  });
});

describe('users without an order', () => {
  it('are read again until their number is the server’s', async () => {
    realm.users = someUsers(1_300);
    realm.order = shuffling(7);
    const { facts, users } = await take();
    expect(users.size).toBe(1_300);
    expect(facts.inconsistent).toBeUndefined();
    expect(asked('/api/users?').length).toBeGreaterThan(3);
    // One call a user, however often its page came.
    expect(asked('role-mappings').length).toBe(1_300);
  });

  it('that cannot be had all make a snapshot that says so', async () => {
    realm.users = someUsers(1_300);
    // One that no page ever has.
    realm.order = (users) => [...users.slice(1), users[1]!];
    const { facts, users } = await take();
    expect(users.size).toBe(1_299);
    expect(facts.inconsistent).toMatch(/1,299 users in all, while the server counts 1,300 users/);
  });

  it('that are deleted meanwhile are told, and do not make it inconsistent', async () => {
    realm.users = someUsers(1_200);
    let pages = 0;
    realm.meddle = ({ path }) => {
      if (path.startsWith('/api/users?') && ++pages === 3)
        realm.users = realm.users.filter((_user, i) => i !== 3 && i !== 1_100);
      return false;
    };
    const { facts, users } = await take();
    expect(facts.inconsistent).toBeUndefined();
    expect(users.size).toBeGreaterThanOrEqual(1_198);
    expect(users.has('user-1199')).toBe(true);
    expect(facts.warnings.join()).toMatch(/deleted while the realm was read/);
  });

  it('that are created meanwhile are read too', async () => {
    realm.users = someUsers(1_200);
    let pages = 0;
    realm.meddle = ({ path }) => {
      if (path.startsWith('/api/users?') && ++pages === 3)
        realm.users = [...someUsers(1_210).slice(1_200), ...realm.users];
      return false;
    };
    const { facts, users } = await take();
    expect(users.size).toBe(1_210);
    expect(facts.inconsistent).toBeUndefined();
  });

  it('a name that comes with two ids is taken once, and told', async () => {
    realm.users = someUsers(1_200);
    let pages = 0;
    realm.meddle = ({ path }) => {
      if (path.startsWith('/api/users?') && ++pages === 2)
        realm.users = [...realm.users.slice(1), { ...realm.users[0]!, id: uuid('again') }];
      return false;
    };
    const { facts, users } = await take();
    expect(users.size).toBe(1_200);
    expect(users.get('user-0')!['id']).toBe(uuid('user', 0));
    expect(facts.inconsistent).toBeUndefined();
    expect(facts.warnings.join()).toMatch(/came twice, with two ids.*“user-0”/);
  });
});

describe('role mappings', () => {
  it('to a role that was created since are found by asking once more', async () => {
    const late = uuid('role', 'late');
    realm.users[5] = { ...realm.users[5]!, roles: [late] };
    let lists = 0;
    realm.meddle = ({ path }) => {
      if (path.endsWith('/roles') && ++lists === 2) realm.roles.set(late, 'late');
      return false;
    };
    const { facts, users, sections } = await take();
    expect(users.get('user-5')!['roles']).toEqual(['late']);
    expect(sections.get('roles')!.has('late')).toBe(true);
    expect(facts.warnings).toEqual([]);
  });

  it('to no role of the realm are told, and asked for once', async () => {
    realm.users = realm.users.map((user) => ({
      ...user,
      roles: [...user.roles, uuid('role', 'other realm')],
    }));
    const { facts, users } = await take();
    expect(users.get('user-1')!['roles']).toEqual(['viewer']);
    expect(facts.warnings).toHaveLength(1);
    expect(facts.warnings[0]).toMatch(/^20 role mappings of 20 users point to no role of the realm/);
    expect(asked('/roles').filter((path) => path.endsWith('/roles')).length).toBe(2);
  });

  it('of a user who is gone by then leave the user out', async () => {
    const gone = realm.users[4]!;
    realm.meddle = ({ path }, response) => {
      if (!path.includes(`${gone.id}/role-mappings`)) return false;
      realm.users = realm.users.filter((user) => user !== gone);
      sendJson(response, 404, { error: 'RESOURCE_NOT_FOUND', message: 'User not found' });
      return true;
    };
    const { facts, users } = await take();
    expect(users.has(gone.username)).toBe(false);
    expect(users.size).toBe(19);
    expect(facts.warnings.join()).toMatch(/1 user vanished/);
    expect(facts.inconsistent).toBeUndefined();
  });
});

describe('a capture that is broken off', () => {
  it('is taken up again where it was, and says so', async () => {
    realm.users = someUsers(1_500);
    const memory = new TestMemory();
    // Noted long after it was given.
    const later = Date.now() + 3_600_000;
    memory.now = () => later;
    const begun = Date.now();
    realm.meddle = ({ path }, response) => {
      if (!path.endsWith('/role-mappings') || asked('role-mappings').length < 900) return false;
      sendJson(response, 400, { error: 'BROKEN' });
      return true;
    };
    expect(isAppError(await errorOf(take({ memory })), 'REQUEST_REFUSED')).toBe(true);
    const kept = memory.users;
    expect(kept).toBeGreaterThan(850);
    realm.meddle = () => false;
    const before = asked('role-mappings').length;
    const second = Date.now();
    const { facts, users } = await take({ memory });
    expect(users.size).toBe(1_500);
    expect(users.get('user-0')!['roles']).toEqual(['admin', 'viewer']);
    // Calls of the first attempt that were called off may still reach the server.
    const again = asked('role-mappings').length - before;
    expect(again).toBeGreaterThanOrEqual(1_500 - kept);
    expect(again).toBeLessThanOrEqual(1_500 - kept + 8);
    expect(facts.warnings.join()).toContain(`the roles of ${kept} users`);
    expect(facts.warnings.join()).toContain(new Date(later).toISOString().slice(0, 19).replace('T', ' '));
    const { from, to } = facts.window!;
    expect(Date.parse(from)).toBeGreaterThanOrEqual(begun);
    expect(Date.parse(from)).toBeLessThan(second);
    expect(Date.parse(to)).toBeGreaterThanOrEqual(second);
  });

  it('asks anew for a user whose remembered role is gone', async () => {
    const memory = new TestMemory();
    memory.note(new Map([[`user ${realm.users[1]!.id}`, [uuid('role', 'gone')]]]));
    memory.note(new Map([[`user ${realm.users[4]!.id}`, { not: 'a list' }]]));
    const { users, facts } = await take({ memory });
    expect(users.get('user-1')!['roles']).toEqual(['viewer']);
    expect(users.get('user-4')!['roles']).toEqual(['viewer']);
    expect(facts.warnings).toEqual([]);
  });
});

describe('without a gateway', () => {
  beforeEach(async () => {
    await realm.close();
    realm = await startRealm({ gateway: false });
  });

  it('roles are not captured, and never taken for none', async () => {
    const { facts, sections, users } = await take();
    expect(facts.sections).toEqual(['realm', 'clients', 'users']);
    expect(sections.has('roles')).toBe(false);
    expect(Object.keys(users.get('user-0')!)).not.toContain('roles');
    expect(facts.knows.users).not.toContain('roles');
    expect(facts.missing).toContainEqual(expect.objectContaining({ section: 'users', member: 'roles' }));
    expect(facts.missing.find(({ section, member }) => section === 'roles' && !member)?.reason).toMatch(
      /gateway/,
    );
    expect(asked('role-mappings')).toEqual([]);
    expect(isAppError(await errorOf(take({ sections: ['roles'] })), 'UNSUPPORTED_BY_ROUTE')).toBe(true);
  });

  it('a page of more than 256 KB is asked for in smaller ones', async () => {
    realm.users = someUsers(3_000).map((user, i) =>
      i >= 500 && i < 1_000 ? { ...user, more: { firstName: 'x'.repeat(3_000) } } : user,
    );
    const { facts, users } = await take();
    expect(users.size).toBe(3_000);
    expect(facts.inconsistent).toBeUndefined();
    expect(facts.retries).toBeUndefined();
    const sizes = asked('/users?').map((path) => Number(/size=(\d+)/.exec(path)![1]));
    expect(Math.min(...sizes)).toBeLessThan(100);
    // It grows again: the last page is larger than the smallest.
    expect(sizes.at(-1)).toBeGreaterThan(Math.min(...sizes));
    expect(asked('/users?').length).toBeLessThan(80);
  });

  it('a list of clients of more than 256 KB is an error that names the way out', async () => {
    realm.clients = Array.from({ length: 900 }, (_, i) => ({
      ...realm.clients[0],
      id: uuid(i),
      clientId: `c-${i}`,
      description: 'y'.repeat(300),
    }));
    const error = await errorOf(take());
    expect(isAppError(error, 'SERVER_ERROR') && error.remedy).toMatch(/256 KB.*gateway/);
  });
});

it('a gateway that was named and does not serve roles is an error, not a realm without roles', async () => {
  realm.meddle = ({ path }, response) => {
    if (!path.endsWith('/roles')) return false;
    sendJson(response, 404, { status: 404 });
    return true;
  };
  expect(isAppError(await errorOf(take()), 'UNEXPECTED_ANSWER')).toBe(true);
});
