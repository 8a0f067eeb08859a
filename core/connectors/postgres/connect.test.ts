import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../../sandbox/index.ts';
import { Databases } from './databases.ts';
import type { PostgresSettings } from './settings.ts';
import { asRole } from './testing/server-side.ts';

const never = new AbortController().signal;
let sandbox: Sandbox;
let target: EnvironmentHandle;

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  target = sandbox.environment('target');
});
afterAll(() => sandbox.stop());

describe('a server that does not let us in', () => {
  const layout = (more: Partial<PostgresSettings>): Promise<unknown> =>
    new Databases({ name: 'target', url: target.pgUrl, ...more }).layout(never);

  it('wrong password: neither the right nor the wrong one is repeated', async () => {
    const url = asRole(target.pgUrl, 'opengate', 'wr0ng');
    const error = await layout({ url }).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'AUTH_FAILED', details: { sqlState: '28P01' } });
    expect(JSON.stringify([error, String((error as Error).cause), (error as Error).stack])).not.toContain(
      'wr0ng',
    );
    await expect(layout({ url, password: '' })).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  });

  it('no password at all: says where one can be given', async () => {
    const url = new URL(target.pgUrl);
    url.password = '';
    url.searchParams.set('passfile', '/nowhere');
    await expect(layout({ url: url.href })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
      message: expect.stringContaining('none is given') as string,
    });
  });

  it('a role or a database that is not there', async () => {
    await expect(layout({ url: `${target.pgUrl}nowhere` })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(layout({ url: asRole(target.pgUrl, 'nobody', 'x') })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
    });
  });

  it('a name that does not resolve, and a folder without a socket', async () => {
    await expect(layout({ url: 'postgres://u@none.invalid/x' })).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    await expect(layout({ url: 'postgres:///x?host=/nowhere' })).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
  });

  it('no more connections', async () => {
    await target.query('user', `CREATE ROLE single LOGIN PASSWORD 'hush' CONNECTION LIMIT 0`);
    await expect(layout({ url: asRole(target.pgUrl, 'single', 'hush') })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      details: { sqlState: '53300' },
    });
  });

  describe('because it is none', () => {
    const servers: Server[] = [];
    const sockets: Socket[] = [];
    afterAll(() => {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
    });

    /** Answers every connection with these bytes, to its first message and then to every further one. */
    async function answering(...answers: readonly (string | Buffer)[]): Promise<string> {
      const server = createServer((socket) => {
        sockets.push(socket);
        socket.on('error', () => undefined);
        const left = [...answers];
        socket.on('data', () => void socket.write(left.shift() ?? ''));
      }).listen(0, '127.0.0.1');
      servers.push(server);
      await once(server, 'listening');
      return `postgres://u:p@127.0.0.1:${(server.address() as { port: number }).port}/x`;
    }

    test('silence ends after the time allowed', async () => {
      await expect(layout({ url: await answering(), timeouts: { connectMs: 300 } })).rejects.toMatchObject({
        code: 'TIMEOUT',
        details: { outcome: 'not-sent' },
      });
    });

    test('another protocol', async () => {
      await expect(
        layout({ url: await answering('HTTP/1.1 400 Bad Request\r\n\r\n') }),
      ).rejects.toMatchObject({
        code: 'UNEXPECTED_ANSWER',
      });
      const plain = `${await answering('R\0\0\0\x08\0\0\0')}?sslmode=disable`;
      await expect(layout({ url: plain, timeouts: { connectMs: 300 } })).rejects.toMatchObject({
        code: 'TIMEOUT',
      });
    });

    test('a way to log in that is not known does not end the process', async () => {
      const kerberos = Buffer.from('R\0\0\0\x08\0\0\0\x07', 'latin1');
      await expect(layout({ url: `${await answering(kerberos)}?sslmode=disable` })).rejects.toMatchObject({
        code: 'AUTH_FAILED',
        message: expect.stringContaining('by a method that is not supported') as string,
      });
    });

    test('a connection that is closed at once', async () => {
      const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
      servers.push(server);
      await once(server, 'listening');
      const url = `postgres://u:p@127.0.0.1:${(server.address() as { port: number }).port}/x`;
      await expect(layout({ url })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    });
  });
});
