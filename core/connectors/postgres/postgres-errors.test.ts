import { describe, expect, it, test } from 'vitest';
import type { AppError } from '../../../contract/errors.ts';
import { translated } from './postgres-errors.ts';

/** As pg gives them. */
function fromServer(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), {
    severity: 'ERROR',
    code,
    detail: 'Key (email)=(ada@example.com) hush',
    hint: 'hush',
    where: 'COPY x, line 1: "hush"',
    ...more,
  });
}

/** All that is ever printed of an error. */
function words(error: AppError): string {
  const causes: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) causes.push(at.message, String(at.stack));
  return [...causes, error.remedy, error.notChanged, JSON.stringify(error.details)].join('\n');
}

describe('what a server says', () => {
  test.each([
    ['28P01', 'AUTH_FAILED'],
    ['28000', 'AUTH_FAILED'],
    ['3D000', 'NOT_FOUND'],
    ['42501', 'FORBIDDEN'],
    ['57014', 'TIMEOUT'],
    ['55P03', 'TARGET_LOCKED'],
    ['40001', 'TARGET_CHANGED'],
    ['40P01', 'TARGET_CHANGED'],
    ['23505', 'TARGET_CHANGED'],
    ['25006', 'UNSUPPORTED_BY_ROUTE'],
    ['53100', 'SERVER_ERROR'],
    ['53400', 'SERVER_ERROR'],
    ['53300', 'UNREACHABLE'],
    ['57P01', 'CONNECTION_LOST'],
    ['57P02', 'CONNECTION_LOST'],
    ['57P03', 'UNREACHABLE'],
    ['57P05', 'CONNECTION_LOST'],
    ['25P03', 'CONNECTION_LOST'],
    ['25P04', 'CONNECTION_LOST'],
    ['08006', 'CONNECTION_LOST'],
    ['42P01', 'SCHEMA_UNSUPPORTED'],
    ['42703', 'SCHEMA_UNSUPPORTED'],
    ['22021', 'UNEXPECTED_ANSWER'],
    ['22P05', 'REQUEST_REFUSED'],
    ['22001', 'REQUEST_REFUSED'],
    ['23502', 'REQUEST_REFUSED'],
    ['P0001', 'REQUEST_REFUSED'],
    ['XX001', 'SERVER_ERROR'],
  ])('%s is %s, says what to do, and repeats no detail', (state, code) => {
    const error = translated(fromServer(state, 'said the server'), { place: 'opengate_user', user: 'app' });
    expect(error).toMatchObject({ code, details: { sqlState: state } });
    expect(error.message).toMatch(/^PostgreSQL \(opengate_user\): .*\.$/s);
    expect(error.remedy).not.toBe('');
    expect(words(error)).not.toMatch(/hush|ada@/);
  });

  it('a value that the server quotes in its message is not repeated', () => {
    for (const [state, message] of [
      ['22P02', 'invalid input syntax for type uuid: "hush"'],
      ['22003', 'value "hush" is out of range for type integer'],
      ['P0001', 'user hush may not be changed'],
    ] as const)
      expect(words(translated(fromServer(state, message)))).not.toContain('hush');
  });

  it('names the limit for temporary files, and how to raise it', () => {
    const full = translated(fromServer('53400', 'temporary file size exceeds temp_file_limit (1024kB)'));
    expect(full.message).toContain('temp_file_limit (1024kB)');
    expect(full.remedy).toContain('ALTER ROLE … SET temp_file_limit');
  });

  it('names constraint, table and column, and the holder of a lock', () => {
    const twice = translated(
      fromServer('23505', 'duplicate key', { constraint: 'users_realm_name_email_key', table: 'users' }),
    );
    expect(twice.message).toContain('users_realm_name_email_key');
    expect(twice.details).toMatchObject({ constraint: 'users_realm_name_email_key', table: 'users' });
    const empty = translated(fromServer('23502', 'null value', { table: 'users', column: 'phone' }));
    expect(empty.message).toContain('users.phone');
    expect(translated(fromServer('55P03', 'x'), { holder: 'process 7' }).message).toContain(
      'held by process 7',
    );
  });

  it('tells whether something may have been done', () => {
    expect(translated(fromServer('57P01', 'x')).details).toMatchObject({ outcome: 'unknown' });
    expect(translated(fromServer('57P01', 'x'), { connecting: true }).details).toMatchObject({
      outcome: 'not-sent',
    });
  });
});

describe('what the line says', () => {
  const fromLine = (code: string, message = 'hush'): Error => Object.assign(new Error(message), { code });
  test.each([
    ['ECONNREFUSED', 'UNREACHABLE'],
    ['ENOTFOUND', 'UNREACHABLE'],
    ['ENOENT', 'UNREACHABLE'],
    ['CERT_HAS_EXPIRED', 'TLS_FAILED'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS_FAILED'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'TLS_FAILED'],
    ['ECONNRESET', 'CONNECTION_LOST'],
    ['EPIPE', 'CONNECTION_LOST'],
  ])('%s is %s', (errno, code) => {
    const error = translated(fromLine(errno), { place: 'db:5432' });
    expect(error).toMatchObject({ code, details: { networkCode: errno } });
    expect(words(error)).not.toContain('hush');
  });

  it('several addresses of a host, and pg’s own words', () => {
    expect(translated(new AggregateError([fromLine('ECONNREFUSED')], ''))).toMatchObject({
      code: 'UNREACHABLE',
    });
    expect(translated(new Error('Connection terminated unexpectedly'))).toMatchObject({
      code: 'CONNECTION_LOST',
      details: { outcome: 'unknown' },
    });
    expect(translated(fromLine('ECONNRESET'), { connecting: true })).toMatchObject({ code: 'UNREACHABLE' });
  });

  it('our own errors stay as they are', () => {
    const own = translated(new Error('x'));
    expect(translated(own)).toBe(own);
  });
});
