import { expect, it } from 'vitest';
import { tookText } from './job-words.ts';

it('tells how long a job has taken so far only while it runs', () => {
  const startedAt = '2026-01-01T00:00:00Z';
  const now = Date.parse('2026-01-01T00:01:30Z');
  expect(tookText({ state: 'running', startedAt }, now)).toBe('1 min 30 s');
  expect(tookText({ state: 'interrupted', startedAt }, now)).toBe('');
  expect(tookText({ state: 'failed', startedAt, finishedAt: '2026-01-01T00:00:40Z' }, now)).toBe('40 s');
  expect(tookText({ state: 'queued' }, now)).toBe('');
});
