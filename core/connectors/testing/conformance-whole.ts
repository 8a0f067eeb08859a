import { describe, expect, it } from 'vitest';
import { canonicalBody } from '../../model/canonical.ts';
import { compareKeys } from '../../model/key-order.ts';
import { naturalKey } from '../../model/natural-key.ts';
import type { JsonObject } from '../../model/record.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import type { RealmContent } from './conformance-content.ts';
import { capture, type Records } from './conformance-state.ts';
import { wholeContent, wholeId, wholeMerge } from './conformance-whole-content.ts';
import type { ApplyItem, ApplyTarget, Connector } from '../connector.ts';

/** Ways to the databases that are not the connector's. */
export interface BackDoor {
  /** Puts a realm there with all that a database holds, ids too. */
  plant(content: RealmContent): Promise<void>;
  /** Deletes the realm itself and leaves everything else behind, as OpenGate v1.1.0 does. */
  forgetRealm(realm: string): Promise<void>;
}

/** What of the suite's state these tests need, once it has begun. */
export interface WholeRealmTest {
  readonly connector: Connector;
  readonly backDoor: BackDoor;
  readonly apply: (target: ApplyTarget, items: readonly ApplyItem[]) => Promise<void>;
}

const signal = new AbortController().signal;

/** Tests of sections, ids, times and hashes; only a route that reads and writes all of them is asked. */
export function wholeRealmConformance(state: () => WholeRealmTest | undefined): void {
  /** Only where the databases can be reached by another way. */
  const whole =
    (work: (test: WholeRealmTest) => Promise<void>): (() => Promise<void>) =>
    async () => {
      const test = state();
      if (test) await work(test);
    };

  describe('all that a database holds', () => {
    it(
      'is captured as it is',
      whole(async ({ connector, backDoor }) => {
        const content = wholeContent('whole-read');
        await backDoor.plant(content);
        expect(await read(connector, 'whole-read')).toEqual(recordsOf(content));
      }),
    );

    it(
      'is created as it was sent: ids, times, hashes, hierarchy, rows beside the main one',
      whole(async (test) => {
        const content = wholeContent('whole-created');
        await test.apply({ realm: 'whole-created', mode: 'create' }, creationsOf(content));
        expect(await read(test.connector, 'whole-created')).toEqual(recordsOf(content));
      }),
    );

    it(
      'overwrites with nothing left of before, ids kept',
      whole(async ({ connector, backDoor, apply }) => {
        await backDoor.plant(wholeContent('whole-over'));
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
      }),
    );

    it(
      'merges: changes, removes and adds in every section, and keeps the ids of what stays',
      whole(async (test) => {
        const realm = 'whole-merged';
        const content = wholeContent(realm);
        await test.backDoor.plant(content);
        const { items, expected } = wholeMerge(realm, recordsOf(content));
        await test.apply({ realm, mode: 'merge' }, items);
        expect(timeless(await read(test.connector, realm))).toEqual(timeless(expected));
      }),
    );

    it(
      'what goes with a user, a role or a group is gone for good',
      whole(async (test) => {
        const realm = 'whole-gone';
        await test.backDoor.plant(wholeContent(realm));
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
              .users!.filter(({ username }) => username !== 'alice' && username !== 'bob')
              .map(roles),
            credentials: [],
            socialLinks: [],
          },
        });
        // The groups below have lost theirs above, which the capture says.
        expect(await read(test.connector, realm, false, 1)).toEqual(left);
        // The same again, under the same ids: nothing of before may come with them.
        const back = sections.users!.filter(({ username }) => username === 'alice' || username === 'bob');
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
        for (const user of back) left.get('users')!.set(naturalKey('users', user), { ...user, roles: [] });
        expect(await read(test.connector, realm)).toEqual(left);
      }),
    );

    it(
      'e-mail addresses can change hands',
      whole(async (test) => {
        const realm = 'whole-emails';
        const content = wholeContent(realm);
        await test.backDoor.plant(content);
        const email = (i: number) => content.sections.users![i]!['email']!;
        const change = (username: string, to: number): ApplyItem => ({
          section: 'users',
          key: username,
          action: 'update',
          body: { username, email: email(to) },
        });
        await test.apply({ realm, mode: 'merge' }, [
          change('alice', 1),
          change('bob', 2),
          change('carol', 0),
        ]);
        const users = (await read(test.connector, realm)).get('users')!;
        expect(['alice', 'bob', 'carol'].map((name) => users.get(name)!['email'])).toEqual([
          email(1),
          email(2),
          email(0),
        ]);
      }),
    );

    it(
      'removes a realm with all that bears its name, and nothing else',
      whole(async (test) => {
        const bystander = wholeContent('whole-beside');
        await test.backDoor.plant(bystander);
        await test.backDoor.plant(wholeContent('whole-removed'));
        await test.apply({ realm: 'whole-removed', mode: 'remove' }, [
          { section: 'realm', key: 'whole-removed', action: 'delete', body: {} },
        ]);
        expect(await test.connector.realmExists('whole-removed', signal)).toBe(false);
        for (const [, records] of await read(test.connector, 'whole-removed', true))
          expect(records.size).toBe(0);
        expect(await read(test.connector, 'whole-beside')).toEqual(recordsOf(bystander));
      }),
    );

    it(
      'sees what a deleted realm left behind, and changes it in place',
      whole(async (test) => {
        const realm = 'whole-left';
        const content = wholeContent(realm);
        await test.backDoor.plant(content);
        await test.backDoor.forgetRealm(realm);
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
      }),
    );

    it(
      'creates a role that only a mapping names',
      whole(async (test) => {
        const realm = 'whole-mapping';
        await test.backDoor.plant(wholeContent(realm));
        await test.apply({ realm, mode: 'merge' }, [
          {
            section: 'groups',
            key: '/other',
            action: 'update',
            body: { path: '/other', roles: ['by group'] },
          },
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
      }),
    );
  });
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
