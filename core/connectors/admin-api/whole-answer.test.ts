import { getEventListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Agent } from 'undici';
import { afterEach, expect, it } from 'vitest';
import { startScripted, type Asked, type ScriptedServer } from './testing/scripted-server.ts';
import { readToEnd, type ReadingLimits } from './whole-answer.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function connected(answer: (asked: Asked, response: ServerResponse) => void | Promise<void>) {
  const server: ScriptedServer = await startScripted(answer);
  const pool = new Agent({ connections: 1 });
  open.push(server, { close: async () => await pool.destroy() });
  const abort = new AbortController();
  const read = async (limits: Partial<ReadingLimits> = {}) =>
    await readToEnd(
      pool,
      { origin: server.url, path: '/', method: 'GET', headers: {} },
      { bytes: () => 100, withinMs: 2_000, idleMs: 1_000, signal: abort.signal, ...limits },
    );
  const listeners = () => getEventListeners(abort.signal, 'abort').length;
  return { server, abort, read, listeners };
}

it('reads what comes in pieces, and letters that lie in two of them', async () => {
  const { read, listeners } = await connected(async (_asked, response) => {
    const bytes = Buffer.from('{"name":"Zoë"}');
    response.writeHead(201, { 'x-odd': ['a', 'b'] });
    for (const byte of bytes) {
      response.write(Buffer.from([byte]));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    response.end();
  });
  const answer = await read();
  expect(answer).toMatchObject({ status: 201, text: '{"name":"Zoë"}', cut: false });
  expect(answer.headers['x-odd']).toEqual(['a', 'b']);
  expect(listeners()).toBe(0);
});

it('cuts what is longer than is read, by its status, and drops the connection', async () => {
  const { read, server, listeners } = await connected((_asked, response) => {
    response.writeHead(400);
    response.write('x'.repeat(500));
  });
  const answer = await read({ bytes: (status) => (status === 400 ? 5 : 1_000) });
  expect(answer).toMatchObject({ status: 400, text: 'xxxxx', cut: true });
  await expect.poll(() => server.sockets.size).toBe(0);
  expect(listeners()).toBe(0);
});

it('ends at once when it is canceled: before it is sent, while it waits for a connection, and within the answer', async () => {
  const { read, abort, server, listeners } = await connected((_asked, response) => {
    response.writeHead(200);
    response.write('x');
  });
  const within = read();
  const waiting = read();
  await expect.poll(() => server.asked.length).toBe(1);
  abort.abort(new Error('enough'));
  for (const read of [within, waiting]) await expect(read).rejects.toThrow('enough');
  await expect(read()).rejects.toThrow('enough');
  expect(server.asked).toHaveLength(1);
  await expect.poll(() => server.sockets.size).toBe(0);
  expect(listeners()).toBe(0);
});

it('has a limit for the whole call, whatever comes', async () => {
  const { read, listeners } = await connected(async (_asked, response) => {
    response.writeHead(200);
    while (!response.destroyed) {
      response.write('x');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  await expect(read({ withinMs: 200, bytes: () => 1_000_000 })).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: 'A call was not finished after 0.2 s.',
  });
  expect(listeners()).toBe(0);
});
