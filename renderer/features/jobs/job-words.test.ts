import { expect, it } from 'vitest';
import { comeSoFar, tookText } from './job-words.ts';

it('tells how long a job has taken so far only while it runs', () => {
  const startedAt = '2026-01-01T00:00:00Z';
  const now = Date.parse('2026-01-01T00:01:30Z');
  expect(tookText({ state: 'running', startedAt }, now)).toBe('1 min 30 s');
  expect(tookText({ state: 'interrupted', startedAt }, now)).toBe('');
  expect(tookText({ state: 'failed', startedAt, finishedAt: '2026-01-01T00:00:40Z' }, now)).toBe('40 s');
  expect(tookText({ state: 'queued' }, now)).toBe('');
});

it('counts one as one', () => {
  expect(comeSoFar({ done: 1, unit: 'records' })).toBe('1 record');
  expect(comeSoFar({ done: 0, unit: 'records' })).toBe('0 records');
  expect(comeSoFar({ done: 1, of: 1_145, unit: 'users' })).toBe('1 of 1,145 users');
  expect(comeSoFar({ done: 0, of: 1, unit: 'snapshots' })).toBe('0 of 1 snapshot');
  expect(comeSoFar({ done: 1_000, unit: 'bytes' })).toBe('1 kB');
});
