import { expect, it } from 'vitest';
import { diffSnapshots, type ComparisonPart } from './diff-snapshots.ts';
import type { SnapshotSides } from './section-side.ts';
import { gatherSingly } from './testing/gather.ts';
import { sideOf } from './testing/in-memory-side.ts';

const left: SnapshotSides = {
  realm: sideOf('realm', [{ name: 'dev', mfaRequired: false }]),
  roles: sideOf('roles', [{ name: 'admin' }, { name: 'viewer' }]),
  groups: sideOf('groups', [{ path: '/staff' }]),
};
const right: SnapshotSides = {
  realm: sideOf('realm', [{ name: 'prod', mfaRequired: true }]),
  roles: sideOf('roles', [{ name: 'admin', description: 'All' }, { name: 'writer' }]),
  users: sideOf('users', [{ username: 'a' }]),
};

const counts = (parts: readonly ComparisonPart[]): unknown[] =>
  parts.flatMap((part) => (part.kind === 'counts' ? [part.counts] : []));

it('counts by section and compares no section that one side did not capture', async () => {
  const parts = await gatherSingly(diffSnapshots(left, right));
  expect(counts(parts)).toEqual([
    { section: 'realm', unknown: false, added: 0, removed: 0, changed: 1, same: 0 },
    { section: 'roles', unknown: false, added: 1, removed: 1, changed: 1, same: 0 },
    { section: 'groups', unknown: true, added: 0, removed: 0, changed: 0, same: 0 },
    { section: 'users', unknown: true, added: 0, removed: 0, changed: 0, same: 0 },
  ]);
  expect(
    parts.flatMap((part) =>
      part.kind === 'differences' ? part.records.map((d) => `${d.kind} ${d.key}`) : [],
    ),
  ).toEqual(['changed prod', 'changed admin', 'removed viewer', 'added writer']);
});

it('can be limited to sections', async () => {
  const parts = await gatherSingly(diffSnapshots(left, left, { sections: ['roles'] }));
  expect(parts).toEqual([
    {
      kind: 'counts',
      counts: { section: 'roles', unknown: false, added: 0, removed: 0, changed: 0, same: 2 },
    },
  ]);
});
