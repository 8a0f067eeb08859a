import { describe, expect, it } from 'vitest';
import { canonicalBody } from '../model/canonical.ts';
import { compareKeys } from '../model/key-order.ts';
import { naturalKey } from '../model/natural-key.ts';
import type { JsonObject } from '../model/record.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import type { RealmContent } from './conformance-content.ts';
import { capture, type Records } from './conformance-state.ts';
import { wholeContent, wholeId } from './conformance-whole-content.ts';
import type { ApplyItem, ApplyTarget, Connector, RouteCapabilities } from './connector.ts';

/** What of the suite's state these tests need, once it has begun. */
export interface WholeRealmTest {
  readonly connector: Connector;
  readonly route: RouteCapabilities;
  readonly plant: (content: RealmContent) => Promise<void>;
  readonly forgetRealm: (realm: string) => Promise<void>;
  readonly apply: (target: ApplyTarget, items: readonly ApplyItem[]) => Promise<void>;
}

const signal = new AbortController().signal;

type Change = Omit<ApplyItem, 'key'> & { readonly key?: string };

/** Tests of sections, ids, times and hashes; only a route that reads and writes all of them is asked. */
export function wholeRealmConformance(state: () => WholeRealmTest | undefined): void {
  const whole = (name: string, work: (test: WholeRealmTest) => Promise<void>): void => {
    it(name, async () => {
      const test = state();
      if (test) await work(test);
    });
  };

  describe('all that a database holds', () => {
    whole('is captured as it is', async ({ connector, plant }) => {
      const content = wholeContent('whole-read');
      await plant(content);
      expect(await read(connector, 'whole-read')).toEqual(recordsOf(content));
    });

    whole(
      'is created as it was sent: ids, times, hashes, hierarchy, rows beside the main one',
      async (test) => {
        const content = wholeContent('whole-created');
        await test.apply({ realm: 'whole-created', mode: 'create' }, creationsOf(content));
        expect(await read(test.connector, 'whole-created')).toEqual(recordsOf(content));
      },
    );

    whole('overwrites with nothing left of before, ids kept', async ({ connector, plant, apply }) => {
      await plant(wholeContent('whole-over'));
      const { sections } = wholeContent('whole-over');
      const content: RealmContent = {
        realm: 'whole-over',
        oddUsers: 0,
        sections: {
          realm: sections.realm!,
          roles: sections.roles!.slice(0, 1),
          users: [{ ...sections.users![0]!, roles: ['admin'] }],
          credentials: sections.credentials!.slice(1, 2),
        },
      };
      await apply({ realm: 'whole-over', mode: 'overwrite' }, creationsOf(content));
      expect(await read(connector, 'whole-over')).toEqual(recordsOf(content));
    });

    whole(
      'merges: changes, removes and adds in every section, and keeps the ids of what stays',
      async (test) => {
        const realm = 'whole-merged';
        const content = wholeContent(realm);
        await test.plant(content);
        const { items, expected } = wholeMerge(realm, recordsOf(content));
        await test.apply({ realm, mode: 'merge' }, items);
        expect(timeless(await read(test.connector, realm))).toEqual(timeless(expected));
      },
    );

    whole('what goes with a user, a role or a group is gone for good', async (test) => {
      const realm = 'whole-gone';
      await test.plant(wholeContent(realm));
      const remove = (section: Section, key: string): ApplyItem => ({
        section,
        key,
        action: 'delete',
        body: {},
      });
      await test.apply({ realm, mode: 'merge' }, [
        remove('roles', 'admin'),
        remove('groups', '/staff'),
        remove('users', 'alice'),
        remove('users', 'bob'),
      ]);
      const { sections } = wholeContent(realm);
      const roles = (record: JsonObject): JsonObject =>
        Array.isArray(record['roles'])
          ? { ...record, roles: record['roles'].filter((role) => role !== 'admin') }
          : record;
      const left = recordsOf({
        realm,
        oddUsers: 0,
        sections: {
          ...sections,
          roles: sections.roles!.filter(({ name }) => name !== 'admin'),
          groups: sections.groups!.filter(({ path }) => path !== '/staff').map(roles),
          users: sections
            .users!.filter(({ username }) => !['alice', 'bob'].includes(String(username)))
            .map(roles),
          credentials: [],
          socialLinks: [],
        },
      });
      // The groups below have lost theirs above, which the capture says.
      expect(await read(test.connector, realm, false, 1)).toEqual(left);
      // The same again, under the same ids: nothing of before may come with them.
      const back = sections.users!.filter(({ username }) => ['alice', 'bob'].includes(String(username)));
      await test.apply(
        { realm, mode: 'merge' },
        creationsOf({
          realm,
          oddUsers: 0,
          sections: {
            groups: sections.groups!.filter(({ path }) => path === '/staff'),
            users: back.map((user) => ({ ...user, roles: [] })),
          },
        }),
      );
      left.get('groups')!.set(
        '/staff',
        sections.groups!.find(({ path }) => path === '/staff')!,
      );
      for (const user of back) left.get('users')!.set(String(user['username']), { ...user, roles: [] });
      expect(await read(test.connector, realm)).toEqual(left);
    });

    whole('e-mail addresses can change hands', async (test) => {
      const realm = 'whole-emails';
      const content = wholeContent(realm);
      await test.plant(content);
      const email = (i: number) => content.sections.users![i]!['email']!;
      const change = (username: string, to: number): ApplyItem => ({
        section: 'users',
        key: username,
        action: 'update',
        body: { username, email: email(to) },
      });
      await test.apply({ realm, mode: 'merge' }, [change('alice', 1), change('bob', 2), change('carol', 0)]);
      const users = (await read(test.connector, realm)).get('users')!;
      expect(['alice', 'bob', 'carol'].map((name) => users.get(name)!['email'])).toEqual([
        email(1),
        email(2),
        email(0),
      ]);
    });

    whole('removes a realm with all that bears its name, and nothing else', async (test) => {
      const bystander = wholeContent('whole-beside');
      await test.plant(bystander);
      await test.plant(wholeContent('whole-removed'));
      await test.apply({ realm: 'whole-removed', mode: 'remove' }, [
        { section: 'realm', key: 'whole-removed', action: 'delete', body: {} },
      ]);
      expect(await test.connector.realmExists('whole-removed', signal)).toBe(false);
      for (const [, records] of await read(test.connector, 'whole-removed', true))
        expect(records.size).toBe(0);
      expect(await read(test.connector, 'whole-beside')).toEqual(recordsOf(bystander));
    });

    whole('sees what a deleted realm left behind, and changes it in place', async (test) => {
      const realm = 'whole-left';
      const content = wholeContent(realm);
      await test.plant(content);
      await test.forgetRealm(realm);
      const left = recordsOf(content);
      left.set('realm', new Map());
      expect(await read(test.connector, realm, true)).toEqual(left);
      const bare: JsonObject = { name: realm, displayName: 'Again' };
      await test.apply({ realm, mode: 'create' }, [
        { section: 'realm', key: realm, action: 'create', body: bare },
        { section: 'roles', key: 'new', action: 'create', body: { name: 'new' } },
        { section: 'users', key: 'alice', action: 'delete', body: {} },
        {
          section: 'users',
          key: 'bob',
          action: 'update',
          body: { username: 'bob', firstName: 'Robert', roles: ['new'] },
        },
      ]);
      const after = await read(test.connector, realm);
      expect(after.get('realm')!.get(realm)).toMatchObject(bare);
      expect([...after.get('users')!.keys()].sort()).toEqual(['bob', 'carol', 'tab\tand "\\N"']);
      expect(after.get('users')!.get('bob')).toMatchObject({
        id: wholeId(realm, 'users', 'bob'),
        firstName: 'Robert',
        roles: ['new'],
      });
      expect(after.get('socialLinks')!.size).toBe(1);
    });

    whole('creates a role that only a mapping names', async (test) => {
      const realm = 'whole-mapping';
      await test.plant(wholeContent(realm));
      await test.apply({ realm, mode: 'merge' }, [
        { section: 'groups', key: '/other', action: 'update', body: { path: '/other', roles: ['by group'] } },
        {
          section: 'users',
          key: 'bob',
          action: 'update',
          body: { username: 'bob', roles: ['by user', 'viewer'] },
        },
      ]);
      const after = await read(test.connector, realm);
      expect([...after.get('roles')!.keys()]).toEqual(expect.arrayContaining(['by group', 'by user']));
      expect(after.get('groups')!.get('/other')!['roles']).toEqual(['by group']);
      expect(after.get('users')!.get('bob')!['roles']).toEqual(['by user', 'viewer']);
    });
  });
}

/** One change of each kind in every section, in order. */
function wholeMerge(
  realm: string,
  expected: Map<Section, Records>,
): { items: ApplyItem[]; expected: Map<Section, Records> } {
  const changes: Change[] = [
    {
      section: 'realm',
      action: 'update',
      body: {
        name: realm,
        displayName: null,
        passwordPolicy: 'no JSON at all',
        smtpConfig: { host: 'other' },
      },
    },
    { section: 'roles', action: 'create', body: { name: 'added', composite: true, description: 'x' } },
    { section: 'roles', action: 'update', body: { name: 'admin', description: 'changed' } },
    { section: 'roles', action: 'delete', key: 'idle “quoted”', body: {} },
    { section: 'groups', action: 'delete', key: '/other', body: {} },
    { section: 'groups', action: 'create', body: { path: '/staff/new', name: 'new', roles: ['added'] } },
    { section: 'groups', action: 'create', body: { path: '/staff/new/below', name: 'below', roles: [] } },
    { section: 'groups', action: 'update', body: { path: '/staff/it', roles: ['added', 'viewer'] } },
    { section: 'clients', action: 'delete', key: `${realm} cli`, body: {} },
    {
      section: 'clients',
      action: 'create',
      body: {
        clientId: `${realm} new`,
        name: 'New',
        enabled: true,
        publicClient: true,
        pkceRequired: false,
        redirectUris: ['x'],
        webOrigins: [],
        grantTypes: [],
        scopes: [],
      },
    },
    {
      section: 'clients',
      action: 'update',
      body: { clientId: `${realm} web`, secretHash: 'another', scopes: ['b', 'a'], enabled: false },
    },
    { section: 'policies', action: 'delete', key: 'open', body: {} },
    {
      section: 'policies',
      action: 'create',
      body: { name: 'new', resource: 'r', action: 'a', effect: 'DENY' },
    },
    {
      section: 'policies',
      action: 'update',
      body: { name: 'shut', effect: 'PERMIT', additional: [{ resource: 'z', action: 'z', effect: 'DENY' }] },
    },
    { section: 'users', action: 'update', body: { username: 'alice', lastName: null, roles: ['added'] } },
    { section: 'users', action: 'delete', key: 'bob', body: {} },
    { section: 'users', action: 'update', body: { username: 'carol', firstName: 'C', enabled: false } },
    {
      section: 'users',
      action: 'create',
      body: {
        username: 'dave',
        email: `u1@${realm}.example.com`,
        enabled: true,
        emailVerified: false,
        roles: ['viewer'],
      },
    },
    { section: 'credentials', action: 'delete', key: 'alice\u0000OTP', body: {} },
    {
      section: 'credentials',
      action: 'update',
      body: { username: 'alice', type: 'PASSWORD', secretHash: 'newer' },
    },
    {
      section: 'credentials',
      action: 'create',
      body: {
        username: 'dave',
        type: 'PASSWORD',
        secretHash: 'dave',
        updatedAt: '2025-01-01T00:00:00Z',
        additional: [
          { secretHash: 'dave before', createdAt: '2020-01-01T00:00:00Z', updatedAt: '2020-01-01T00:00:00Z' },
        ],
      },
    },
    { section: 'credentials', action: 'delete', key: 'bob\u0000PASSWORD', body: {} },
    { section: 'socialLinks', action: 'delete', key: `github\u0000${realm}-7`, body: {} },
    {
      section: 'socialLinks',
      action: 'update',
      body: { provider: 'google', providerUserId: `${realm}-1`, username: 'dave', providerEmail: null },
    },
    {
      section: 'socialLinks',
      action: 'create',
      body: { provider: 'github', providerUserId: `${realm}-8`, username: 'alice' },
    },
  ];
  const items = changes.map((change): ApplyItem => ({
    ...change,
    key: change.key ?? naturalKey(change.section, change.body),
  }));
  for (const { section, key, action, body } of items) {
    const records = expected.get(section)!;
    const changed = Object.entries({ ...records.get(key), ...body }).filter(([, value]) => value !== null);
    if (action === 'delete') records.delete(key);
    else records.set(key, canonicalBody(section, Object.fromEntries(changed)));
  }
  items.sort(
    (a, b) => SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section) || compareKeys(a.key, b.key),
  );
  return { items, expected };
}

async function read(
  connector: Connector,
  realm: string,
  leftovers = false,
  warnings = 0,
): Promise<Map<Section, Records>> {
  const { sections, facts } = await capture(connector, realm, undefined, signal, { leftovers });
  expect(facts.warnings).toHaveLength(warnings);
  expect([...facts.sections].sort()).toEqual([...SECTIONS].sort());
  return sections;
}

function recordsOf({ sections }: RealmContent): Map<Section, Records> {
  return new Map(
    SECTIONS.map((section) => [
      section,
      new Map(
        (sections[section] ?? []).map((record) => [
          naturalKey(section, record),
          canonicalBody(section, record),
        ]),
      ),
    ]),
  );
}

function creationsOf(content: RealmContent): ApplyItem[] {
  return [...recordsOf(content)].flatMap(([section, records]) =>
    [...records]
      .map(([key, body]): ApplyItem => ({ section, key, action: 'create', body }))
      .sort((a, b) => compareKeys(a.key, b.key)),
  );
}

/** Without what the database itself decides; ids of what was there before must stay. */
function timeless(sections: ReadonlyMap<Section, Records>): Map<Section, [string, JsonObject][]> {
  return new Map(
    [...sections].map(([section, records]) => [
      section,
      [...records]
        .sort(([a], [b]) => compareKeys(a, b))
        .map(([key, record]): [string, JsonObject] => {
          const { updatedAt: _changed, ...rest } = record;
          const { id: _id, createdAt: _created, ...without } = rest;
          return [key, isNew(key) ? without : rest];
        }),
    ]),
  );
}

function isNew(key: string): boolean {
  return /added|new|dave|-8$/.test(key);
}
