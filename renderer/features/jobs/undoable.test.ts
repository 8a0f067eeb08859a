import { expect, it } from 'vitest';
import type { JobView } from '../../../contract/job.ts';
import { canBeUndone } from './undoable.ts';

const job: JobView = {
  id: 'j',
  kind: 'apply',
  state: 'canceled',
  title: 'Apply',
  createdAt: '2026-01-01T00:00:00Z',
  attempts: 1,
  resumable: true,
};

it('offers to undo a job without a result once it had begun to write, be it without a snapshot to go back to', () => {
  expect(canBeUndone(job)).toBe(false);
  expect(canBeUndone({ ...job, begun: true })).toBe(true);
  expect(canBeUndone({ ...job, begun: true, undoneBy: 'k' })).toBe(false);
  expect(canBeUndone({ ...job, begun: true, kind: 'backup' })).toBe(false);
  const written = { environment: 'prod', realm: 'acme', text: '', databases: [] };
  expect(canBeUndone({ ...job, begun: true, written: { ...written, state: 'nothing' } })).toBe(false);
  expect(canBeUndone({ ...job, begun: true, written: { ...written, state: 'part' } })).toBe(true);
});
