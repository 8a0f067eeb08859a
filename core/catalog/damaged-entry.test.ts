import { expect, test } from 'vitest';
import { newId } from './database/new-id.ts';
import { namedId } from './damaged-entry.ts';
import { newSnapshotId } from './snapshots/snapshot-id.ts';

test('an id is named as it is; of one that is damaged, only what is surely left', () => {
  for (const id of [newId(), newSnapshotId(new Date())]) expect(namedId(id)).toBe(id);
  expect(namedId('jtvmd\ufffdd4a593')).toBe('jtvmd… (its id is damaged as well)');
  expect(namedId('\u001b[2J')).toBe('(its id is damaged as well)');
  expect(namedId('')).toBe('(its id is damaged as well)');
});
