import { expect, it } from 'vitest';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { momentText } from '../../design/moments.ts';
import { shownSnapshots, titleOf } from './snapshot-choice.ts';

const snapshot = (of: Partial<SnapshotView>): SnapshotView =>
  ({
    realm: 'acme',
    environment: 'dev',
    tags: [],
    finishedAt: '2026-03-01T00:00:00Z',
    ...of,
  }) as SnapshotView;

it('tells what an archive brought by when it was taken, and where', () => {
  const archived = { snapshot: 'a', environment: 'dev', finishedAt: '2025-01-01T00:00:00Z' };
  const imported = snapshot({ environment: undefined, archived } as Partial<SnapshotView>);
  expect(titleOf(imported)).toBe(`dev/acme, ${momentText('2025-01-01T00:00:00Z')}`);
  expect(titleOf(snapshot({}))).toBe(`dev/acme, ${momentText('2026-03-01T00:00:00Z')}`);
});

it('always shows the one that is chosen', () => {
  const all = ['s5', 's4', 's3', 's2', 's1'].map((id) => snapshot({ id }));
  const ids = (text: string, chosen: string | undefined) => {
    const { shown, more } = shownSnapshots(all, { text, chosen, most: 3 });
    return [shown.map(({ id }) => id).join(' '), more];
  };
  expect(ids('', undefined)).toEqual(['s5 s4 s3', 2]);
  expect(ids('', 's4')).toEqual(['s5 s4 s3', 2]);
  expect(ids('', 's1')).toEqual(['s5 s4 s1', 2]);
  expect(ids('s3', 's1')).toEqual(['s3 s1', 0]);
  expect(ids('DEV/ac', undefined)).toEqual(['s5 s4 s3', 2]);
  expect(ids('none', undefined)).toEqual(['', 0]);
});
