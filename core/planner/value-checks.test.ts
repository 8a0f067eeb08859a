import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RouteCapabilities, SectionRoute } from '../connectors/connector.ts';
import { sideOf } from '../compare/testing/in-memory-side.ts';
import type { JsonObject } from '../model/record.ts';
import type { Section } from '../model/sections.ts';
import { explain } from './explain.ts';
import type { PlanItem, Policy } from './plan.ts';
import { postgres } from './testing/captures.ts';
import { itemAt, plan } from './testing/plan-fixture.ts';
import { keepingRoute } from './testing/routes.ts';

const realm = [{ name: 'shop' }];

function routeWith(section: Section, limits: Partial<SectionRoute>): RouteCapabilities {
  const { sections } = keepingRoute;
  return { ...keepingRoute, sections: { ...sections, [section]: { ...sections[section], ...limits } } };
}
const route = routeWith('users', { requiredMembers: ['email'], textLimits: { username: 6, firstName: 3 } });

async function planned(
  user: JsonObject & { readonly username: string },
  there: JsonObject | undefined,
  policy: Partial<Policy> = {},
): Promise<PlanItem> {
  const found = await plan({
    source: postgres({ realm, users: [user] }),
    target: postgres({ realm, users: there ? [there] : [] }),
    route,
    policy: { realm: 'merge', users: 'merge', ...policy },
  });
  return itemAt(found, 'users', user.username)!;
}

describe('a value that the target cannot hold', () => {
  const email = 'a@x';

  it('is a conflict, or leaves the record out', async () => {
    const missing = await planned({ username: 'a' }, undefined);
    expect(missing).toMatchObject({ action: 'conflict', reason: 'value-missing', other: 'email' });
    expect(explain(missing.reason, missing)).toBe(
      'The target cannot hold a user without “email”, of which the source has none.',
    );
    const long = await planned({ username: 'a', email, firstName: 'Anna' }, undefined, { conflicts: 'skip' });
    expect(long).toMatchObject({ action: 'skip', reason: 'value-refused' });
    expect(explain(long.reason, long)).toBe(
      'The target cannot hold this user: “firstName” is longer than 3 characters.',
    );
    const key = await planned({ username: 'abcdefg', email }, undefined);
    expect(key).toMatchObject({ action: 'conflict', other: '“username” is longer than 6 characters' });
  });

  it('counts as characters what people count', async () => {
    const faces = '\u{1f600}'.repeat(3);
    expect((await planned({ username: 'a', email, firstName: faces }, undefined)).action).toBe('create');
    expect((await planned({ username: 'a', email, firstName: `${faces}!` }, undefined)).action).toBe(
      'conflict',
    );
  });

  it('is found in updates and overwrites as well', async () => {
    const there = { username: 'a', email, firstName: 'Ann' };
    expect(await planned({ username: 'a', email, firstName: 'Anna' }, there)).toMatchObject({
      reason: 'value-refused',
    });
    expect(await planned({ username: 'a' }, there, { extra: 'delete' })).toMatchObject({
      reason: 'value-missing',
      other: 'email',
    });
    expect(await planned({ username: 'a' }, there)).toMatchObject({ action: 'unchanged' });
    expect(await planned({ username: 'a' }, there, { realm: 'overwrite', conflicts: 'skip' })).toMatchObject({
      action: 'delete',
      reason: 'deleted-with-realm',
    });
  });

  it('is the character NUL, in a value or a name at any depth', async () => {
    const nul = { other: expect.stringContaining('the character NUL') as unknown, reason: 'value-refused' };
    const users: JsonObject[] = [
      { firstName: 'a\0' },
      { attributes: { deep: [{ er: '\0' }] } },
      { attributes: { 'a\0': 1 } },
    ];
    for (const user of users) {
      const all = { username: 'a', email, ...user };
      const known = {
        ...keepingRoute.sections.users,
        createMembers: ['username', 'email', 'firstName', 'attributes'],
      };
      const found = await plan({
        source: { realm: sideOf('realm', realm), users: sideOf('users', [all]) },
        route: { ...keepingRoute, sections: { ...keepingRoute.sections, users: known } },
      });
      expect(itemAt(found, 'users', 'a')).toMatchObject(nul);
    }
    expect(
      (await planned({ username: 'a', email, firstName: '\\u0000'.slice(0, 3) }, undefined)).action,
    ).toBe('create');
    expect((await planned({ username: 'a', email, lastName: '\\u0000' }, undefined)).action).toBe('create');
  });

  it('of the realm itself is never left out', async () => {
    const found = await plan({
      source: postgres({ realm: [{ name: 'shop', displayName: 'Shop' }] }),
      route: routeWith('realm', { textLimits: { displayName: 3 } }),
      policy: { conflicts: 'skip' },
    });
    expect(itemAt(found, 'realm', 'shop')).toMatchObject({ action: 'conflict', reason: 'value-refused' });
  });

  it('is found exactly where there is one', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '\u{1f600}', '\0', '\\', '\ud800'),
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.option(text, { nil: null }),
        fc.option(text, { nil: undefined }),
        async (mail, firstName) => {
          const user = { username: 'a', email: mail, ...(firstName === undefined ? {} : { firstName }) };
          const found = await planned(user, undefined);
          const values = [mail ?? '', firstName ?? ''];
          const reason =
            mail === null
              ? 'value-missing'
              : Array.from(values[1]!).length > 3 || values.some((value) => value.includes('\0'))
                ? 'value-refused'
                : 'only-in-source';
          expect(found.reason).toBe(reason);
        },
      ),
    );
  });
});
