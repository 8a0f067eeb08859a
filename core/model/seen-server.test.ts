import { expect, test } from 'vitest';
import { seenAfter } from './seen-server.ts';

const seen = { at: '2026-01-01T00:00:00.000Z', serverVersion: '15.18' };
const now = new Date('2026-02-01T00:00:00Z');

test('a connection that found something out has been answered', () => {
  expect(seenAfter(seen, { serverVersion: '15.18' }, now)).toEqual({ ...seen, at: now.toISOString() });
  expect(seenAfter(undefined, { serverVersion: '16.1' }, now)).toEqual({
    at: now.toISOString(),
    serverVersion: '16.1',
  });
});

test('one that found out nothing has not, whatever is remembered', () => {
  expect(seenAfter(seen, { api: undefined, token: undefined }, now)).toBe(seen);
  expect(seenAfter(undefined, { serverVersion: undefined }, now)).toBeUndefined();
});

test('what does not hold any more is forgotten', () => {
  expect(seenAfter(seen, { serverVersion: null }, now)).toBeUndefined();
});
