import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  startSandbox,
  type EnvironmentHandle,
  type Fault,
  type FaultRequest,
  type Sandbox,
} from '../index.ts';
import { AdminClient } from '../testing/admin-client.ts';

let sandbox: Sandbox;
let server: EnvironmentHandle;
let fault: Fault | undefined;
const seen: FaultRequest[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({
    environments: [{ name: 'server', seed: 'dev' }],
    users: 300,
    onRequest: (request) => {
      seen.push(request);
      return fault;
    },
  });
  server = sandbox.environment('server');
});

afterAll(() => sandbox.stop());

beforeEach(() => {
  fault = undefined;
  seen.length = 0;
});

const call = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(server.apiUrl + path, { ...init, headers: { authorization: `Bearer ${server.issueToken()}` } });

const EXPORT = '/admin/realms/acme/export';

test('the hook sees each request, and lets it pass with undefined', async () => {
  expect((await call('/api/realms?page=0')).status).toBe(200);
  expect(seen).toMatchObject([{ environment: 'server', method: 'GET', path: '/api/realms' }]);
  expect(seen[0]?.query.get('page')).toBe('0');
  expect(seen[0]?.headers['authorization']).toMatch(/^Bearer /);
});

describe('a fault', () => {
  test('answers what it is told, and the request is not carried out', async () => {
    fault = {
      kind: 'answer',
      status: 429,
      headers: { 'retry-after': '7', 'content-type': 'text/html' },
      body: '<html>',
    };
    const answer = await call('/api/realms/field-ops', { method: 'DELETE' });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(await answer.text()).toBe('<html>');
    fault = undefined;
    expect((await call('/api/realms/field-ops')).status).toBe(200);
  });

  test('refuse closes the connection, and the request is not carried out', async () => {
    fault = { kind: 'refuse' };
    await expect(call('/api/realms/field-ops', { method: 'DELETE' })).rejects.toThrow('fetch failed');
    fault = undefined;
    expect((await call('/api/realms/field-ops')).status).toBe(200);
  });

  test('loseAnswer carries the request out and says nothing', async () => {
    await new AdminClient(server).post('/api/realms', { name: 'lost' });
    fault = { kind: 'loseAnswer' };
    await expect(call('/api/realms/lost', { method: 'DELETE' })).rejects.toThrow('fetch failed');
    fault = undefined;
    expect((await call('/api/realms/lost')).status).toBe(404);
  });

  test('loseAnswer of a stream keeps none of its connections to the databases', async () => {
    fault = { kind: 'loseAnswer' };
    // Each database has room for ten.
    for (let i = 0; i < 11; i++)
      await expect(call(EXPORT, { signal: AbortSignal.timeout(5_000) })).rejects.toThrow('fetch failed');
    fault = undefined;
    expect((await call(EXPORT)).status).toBe(200);
  });

  test.each([0, 1, 40_000])('breakAfter breaks the connection after %i bytes', async (count) => {
    fault = { kind: 'breakAfter', bytes: count };
    const answer = await call(EXPORT);
    expect(answer.status).toBe(200);
    const received = await drain(answer);
    expect(received.failed).toBe(true);
    expect(received.bytes).toBe(count);
  });

  test('truncateAfter ends the body as if it were whole', async () => {
    fault = { kind: 'truncateAfter', bytes: 1_000 };
    const text = await (await call(EXPORT)).text();
    expect(Buffer.byteLength(text)).toBe(1_000);
    expect(() => JSON.parse(text) as unknown).toThrow('JSON');
  });

  test('stallAfter keeps the connection open and sends nothing more', async () => {
    fault = { kind: 'stallAfter', bytes: 500 };
    const answer = await call(EXPORT, { signal: AbortSignal.timeout(700) });
    const received = await drain(answer);
    expect(received).toMatchObject({ failed: true, bytes: 500 });
  });

  test('beyond the end of the body is none', async () => {
    fault = { kind: 'breakAfter', bytes: 1e9 };
    expect(await (await call('/api/realms/acme')).json()).toMatchObject({ name: 'acme' });
  });

  test('delay waits first', async () => {
    fault = { kind: 'delay', delayMilliseconds: 300 };
    const start = performance.now();
    expect((await call('/api/realms')).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(290);
  });
});

async function drain(answer: Response): Promise<{ bytes: number; failed: boolean }> {
  let bytes = 0;
  try {
    for await (const chunk of answer.body ?? []) bytes += chunk.length;
    return { bytes, failed: false };
  } catch {
    return { bytes, failed: true };
  }
}
