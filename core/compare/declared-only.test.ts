import { expect, it } from 'vitest';
import type { JsonObject } from '../model/record.ts';
import { REDACTED } from '../model/secret.ts';
import type { Section } from '../model/sections.ts';
import { diffSnapshots } from './diff-snapshots.ts';
import { gatherSingly } from './testing/gather.ts';
import { everyMember, sideOf } from './testing/in-memory-side.ts';

const CHANGED = ['changed', expect.any(String), expect.any(Array)];

async function drift(
  section: Section,
  declared: readonly JsonObject[],
  there: readonly JsonObject[],
  extra = false,
): Promise<unknown> {
  const parts = await gatherSingly(
    diffSnapshots(
      { [section]: sideOf(section, declared, { knows: [] }) },
      { [section]: sideOf(section, there, { knows: everyMember(section) }) },
      { declaredOnly: { extra } },
    ),
  );
  return parts.flatMap((part): unknown[] =>
    part.kind === 'counts'
      ? [[part.counts.added, part.counts.removed, part.counts.changed, part.counts.same]]
      : part.records.map((d) => [d.kind, d.key, d.kind === 'changed' ? d.changes : []]),
  );
}

it('what the left side does not declare is no difference', async () => {
  const there = {
    clientId: 'web',
    name: 'Web',
    redirectUris: ['https://a'],
    added: { by: 'a newer server' },
  };
  expect(await drift('clients', [{ clientId: 'web', redirectUris: ['https://a'] }], [there])).toEqual([
    [0, 0, 0, 1],
  ]);
});

it('what it declares is, lists as a whole and regardless of order', async () => {
  const declared = { clientId: 'web', redirectUris: ['https://a', 'https://b'], scopes: ['x', 'y'] };
  const there = {
    clientId: 'web',
    redirectUris: ['https://a', 'https://b', 'https://evil'],
    scopes: ['y', 'x'],
  };
  expect(await drift('clients', [declared], [there])).toEqual([
    ['changed', 'web', [{ member: 'redirectUris', from: declared.redirectUris, to: there.redirectUris }]],
    [0, 0, 1, 0],
  ]);
});

it('within objects only what is named counts, as far down as that goes', async () => {
  const smtpConfig = { host: 'a', port: 25, tls: { on: true, ca: 'x' } };
  const declared = (inner: JsonObject): JsonObject[] => [{ name: 'shop', smtpConfig: inner }];
  const there = [{ name: 'shop', smtpConfig }];
  expect(await drift('realm', declared({ host: 'a', tls: { on: true } }), there)).toEqual([[0, 0, 0, 1]]);
  expect(await drift('realm', declared({ host: 'b' }), there)).toEqual([
    ['changed', 'shop', [{ member: 'smtpConfig', from: { host: 'b' }, to: { host: 'a' } }]],
    [0, 0, 1, 0],
  ]);
  expect(await drift('realm', declared({ tls: { on: false } }), there)).toMatchObject([
    CHANGED,
    [0, 0, 1, 0],
  ]);
  expect(await drift('realm', declared({ missing: 1 }), there)).toMatchObject([CHANGED, [0, 0, 1, 0]]);
});

it('null declares that there is nothing', async () => {
  const there = [{ name: 'shop', displayName: 'Shop' }];
  expect(await drift('realm', [{ name: 'shop', displayName: null }], there)).toMatchObject([
    CHANGED,
    [0, 0, 1, 0],
  ]);
});

it('records that only the right side has count only if that is asked for; missing ones always', async () => {
  const declared = [{ username: 'a' }, { username: 'b' }];
  const there = [{ username: 'b' }, { username: 'c' }];
  expect(await drift('users', declared, there)).toEqual([
    ['removed', 'a', []],
    [0, 1, 0, 1],
  ]);
  expect(await drift('users', declared, there, true)).toEqual([
    ['removed', 'a', []],
    ['added', 'c', []],
    [1, 1, 0, 1],
  ]);
});

it('a secret that the server hides is no difference, and a client’s secret is one thing with two names', async () => {
  const hidden = [{ clientId: 'web', clientSecret: REDACTED }];
  expect(await drift('clients', [{ clientId: 'web', clientSecret: 's' }], hidden)).toEqual([[0, 0, 0, 1]]);
  const hashed = [{ clientId: 'web', secretHash: '$2a$12$b' }];
  const declared = [{ clientId: 'web', clientSecret: '$2a$12$a' }];
  expect(await drift('clients', declared, hashed)).toMatchObject([CHANGED, [0, 0, 1, 0]]);
  expect(await drift('clients', [{ clientId: 'web' }], hashed)).toEqual([[0, 0, 0, 1]]);
});
