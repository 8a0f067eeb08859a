import { describe, expect, it } from 'vitest';
import type { RouteCapabilities, SectionRoute } from '../connectors/connector.ts';
import { sideOf } from '../compare/testing/in-memory-side.ts';
import { MEMBERS } from '../model/members.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import { REDACTED } from '../model/secret.ts';
import { perSection, type Section } from '../model/sections.ts';
import type { Channel } from '../model/snapshot.ts';
import { postgres } from './testing/captures.ts';
import { applyItemOf } from './apply-item.ts';
import { itemAt, plan } from './testing/plan-fixture.ts';
import { documentedRoute, keepingRoute } from './testing/routes.ts';

const realm = [{ name: 'shop' }];

/** Configuration over the API, what only the database can over the database. */
const both: RouteCapabilities = {
  ...keepingRoute,
  sections: perSection((section): SectionRoute => {
    const api: Channel = section === 'users' || section === 'realm' ? 'admin-api' : 'postgres';
    const update: Record<string, Channel> = Object.fromEntries(
      MEMBERS[section]
        .filter(({ key }) => !key)
        .map(({ name }): [string, Channel] => [name, name === 'emailVerified' ? 'postgres' : api]),
    );
    return {
      ...keepingRoute.sections[section],
      channels: { create: api, delete: 'postgres', update, empty: 'postgres' },
    };
  }),
};

describe('the channel of an item', () => {
  const source = postgres({
    realm,
    users: [
      { username: 'a', firstName: 'New', emailVerified: true },
      { username: 'b', firstName: 'New' },
      { username: 'new', email: 'n@x' },
    ],
    credentials: [{ username: 'new', type: 'PASSWORD', secretHash: 'h' }],
  });
  const target = postgres({
    realm,
    users: [
      { username: 'a', firstName: 'Old', emailVerified: false },
      { username: 'b', firstName: 'Old' },
      { username: 'old' },
    ],
    credentials: [],
  });
  const setup = { source, target, route: both };
  const channelsOf = async (
    policy: Parameters<typeof plan>[0]['policy'],
  ): Promise<(section: Section, key: string) => unknown> => {
    const planned = await plan({ ...setup, policy: policy! });
    return (section, key) => itemAt(planned, section, key)?.channels;
  };

  it('follows from what is done, and from which members are set', async () => {
    const at = await channelsOf({ realm: 'merge', users: 'merge', extra: 'delete' });
    expect(at('users', 'new')).toEqual(['admin-api']);
    expect(at('users', 'a')).toEqual(['admin-api', 'postgres']);
    expect(at('users', 'b')).toEqual(['admin-api']);
    expect(at('users', 'old')).toEqual(['postgres']);
    expect(at('credentials', 'new\u0000PASSWORD')).toEqual(['postgres']);
    expect((await channelsOf({ realm: 'merge' }))('users', 'a')).toBeUndefined();
  });

  it('is where a member is emptied, not where it is given a value', async () => {
    const planned = await plan({
      source: postgres({ realm, users: [{ username: 'a', lastName: 'New' }, { username: 'b' }] }),
      target: postgres({
        realm,
        users: [
          { username: 'a', firstName: 'Old', lastName: 'Old' },
          { username: 'b', firstName: 'Old' },
        ],
      }),
      route: both,
      policy: { realm: 'merge', users: 'merge', extra: 'delete' },
    });
    expect(itemAt(planned, 'users', 'a')?.channels).toEqual(['admin-api', 'postgres']);
    expect(itemAt(planned, 'users', 'b')?.channels).toEqual(['postgres']);
  });

  it('is counted, and of no matter where there is one only', async () => {
    const policy = { realm: 'merge', users: 'merge', extra: 'delete' } as const;
    const planned = await plan({ ...setup, policy });
    expect(planned.summary.channels).toEqual({ 'admin-api': 3, postgres: 3 });
    expect((await plan({ ...setup, route: keepingRoute, policy })).summary).not.toHaveProperty('channels');
  });

  it('of what returns with an overwritten realm is that of its creation', async () => {
    const at = await channelsOf({ realm: 'overwrite' });
    expect(at('users', 'a')).toEqual(['admin-api']);
    expect(at('users', 'old')).toEqual(['postgres']);
  });
});

describe('a client’s secret', () => {
  const target = postgres({ realm, clients: [{ clientId: 'c', secretHash: 'old' }] });
  const overwriting = async (client: JsonObject, knows?: string[]) => {
    const planned = await plan({
      source: {
        realm: sideOf('realm', realm),
        clients: sideOf('clients', [{ clientId: 'c', ...client }], { knows: knows ?? ['clientId'] }),
      },
      target,
      route: keepingRoute,
      policy: { realm: 'overwrite' },
    });
    return itemAt(planned, 'clients', 'c')!;
  };

  it('stays through an overwrite where the source hides it or cannot tell, and goes where it knows of none', async () => {
    const note = { kind: 'client-secret-kept' };
    expect(await overwriting({})).toMatchObject({
      action: 'unchanged',
      write: { secretHash: 'old' },
      notes: [note],
    });
    const hidden = await overwriting({ clientSecret: REDACTED }, ['clientId', 'clientSecret']);
    expect(hidden).toMatchObject({
      action: 'unchanged',
      write: { clientId: 'c', secretHash: 'old' },
      notes: [note],
    });
    const none = await overwriting({}, ['clientId', 'secretHash']);
    expect(none.loses).toBe('clientSecret');
    expect(none.write).toEqual({ clientId: 'c' });
    expect((await overwriting({ secretHash: 'new' })).write).toEqual({ clientId: 'c', secretHash: 'new' });
  });

  it('is never sent as a hash over a route that takes whatever it is given', async () => {
    const planned = await plan({
      source: postgres({ realm, clients: [{ clientId: 'c', secretHash: 'h' }] }),
      route: documentedRoute,
    });
    expect(itemAt(planned, 'clients', 'c')).toMatchObject({
      write: { clientId: 'c' },
      cannotSet: ['secretHash'],
      notes: [{ kind: 'new-client-secret' }],
    });
  });

  it('inside of a setting is taken from the target, too', async () => {
    const smtp = (password: JsonValue): JsonObject[] => [
      { name: 'shop', smtpConfig: { host: 'h', password } },
    ];
    const planned = await plan({
      source: { realm: sideOf('realm', smtp(REDACTED)) },
      target: { realm: sideOf('realm', smtp('canary')) },
      route: keepingRoute,
      policy: { realm: 'overwrite' },
    });
    expect(itemAt(planned, 'realm', 'shop')!.write).toEqual({
      name: 'shop',
      smtpConfig: { host: 'h', password: 'canary' },
    });
  });
});

describe('credentials in an overwrite by a route that loses nothing', () => {
  const hash = (username: string, type = 'PASSWORD') => ({ username, type, secretHash: `of ${username}` });
  const target = postgres({
    realm,
    users: [{ username: 'a' }, { username: 'gone' }],
    credentials: [hash('a'), hash('a', 'OTP'), hash('gone')],
  });
  const users = [{ username: 'a' }, { username: 'new' }];
  const policy = { realm: 'overwrite' } as const;

  it('are put back where the source does not tell about them', async () => {
    const planned = await plan({ source: postgres({ realm, users }), target, route: keepingRoute, policy });
    expect(itemAt(planned, 'credentials', 'a\u0000OTP')).toMatchObject({
      action: 'unchanged',
      reason: 'kept-through-overwrite',
      write: hash('a', 'OTP'),
    });
    expect(itemAt(planned, 'credentials', 'gone\u0000PASSWORD')).toMatchObject({ action: 'delete' });
    expect(planned.summary.losses).toMatchObject({ users: 1, passwordHashes: 0 });
    expect(planned.summary.warnings).toContain(
      'The source does not tell about credentials: those of users who return are put back as they are.',
    );
  });

  it('are lost where the source knows of none', async () => {
    const source = postgres({ realm, users, credentials: [hash('a')] });
    const planned = await plan({ source, target, route: keepingRoute, policy });
    expect(itemAt(planned, 'credentials', 'a\u0000OTP')).toMatchObject({
      action: 'delete',
      loses: 'otherCredential',
    });
    expect(planned.summary.losses).toMatchObject({ passwordHashes: 0, otherCredentials: { OTP: 1 } });
  });
});

it('what the API changes is found by its id', async () => {
  const id = '00000000-0000-4000-8000-000000000001';
  const users = (firstName: string) => [{ username: 'a', email: 'a@x', firstName, id }];
  const planned = await plan({
    source: postgres({ realm, users: users('New') }),
    target: postgres({ realm, users: users('Old') }),
    route: both,
    policy: { realm: 'merge', users: 'merge' },
  });
  expect(itemAt(planned, 'users', 'a')).toMatchObject({ action: 'update', targetId: id });
  expect(applyItemOf(itemAt(planned, 'users', 'a')!, 'merge')).toMatchObject({ targetId: id });
});
