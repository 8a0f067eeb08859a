import { expect, it } from 'vitest';
import { networkError } from './network-errors.ts';

const failed = (code: string, syscall?: string): Error =>
  Object.assign(new Error(code), { code, ...(syscall !== undefined && { syscall }) });

it.each(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])(
  '%s of a connection that stood is a lost one: the call may have arrived',
  (code) => {
    for (const syscall of ['read', 'write'])
      expect(
        networkError(new TypeError('fetch failed', { cause: failed(code, syscall) }), 'http://x/'),
      ).toMatchObject({
        code: 'CONNECTION_LOST',
        details: { networkCode: code, outcome: 'unknown', transient: true },
      });
    for (const cause of [
      failed(code, 'connect'),
      Object.assign(new AggregateError([failed(code, 'connect')]), { code }),
    ])
      expect(networkError(cause, 'http://x/').details).toMatchObject({
        outcome: 'not-sent',
        transient: true,
      });
  },
);

it('a handshake that fails stays one, though a write tells of it', () => {
  expect(networkError(failed('EPROTO', 'write'), 'https://x/')).toMatchObject({
    code: 'TLS_FAILED',
    details: { outcome: 'not-sent', transient: false },
  });
});
