import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAppError } from '../contract/errors.ts';
import { startSandbox, type SandboxEnvironment } from './index.ts';
import { freePorts } from './testing/free-ports.ts';
import { startLoneSandbox } from './testing/lone-process.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sandbox-life-'));
  // Run as root, PostgreSQL runs as somebody else, who has to get through.
  await chmod(directory, 0o755);
});

afterEach(() => rm(directory, { recursive: true, force: true }));

function portsOf(environments: readonly SandboxEnvironment[]): number[] {
  return environments.flatMap((environment) =>
    [environment.apiUrl, environment.pgUrl].map((url) => Number(new URL(url).port)),
  );
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Waits up to ten seconds for servers to be gone and files to be removed. */
async function expectNothingLeft(ports: readonly number[]): Promise<void> {
  for (let tries = 0; ; tries++) {
    const open = (await Promise.all(ports.map(isOpen))).filter(Boolean).length;
    const files = await readdir(directory);
    if (open === 0 && files.length === 0) return;
    if (tries === 100) expect({ open, files }).toEqual({ open: 0, files: [] });
    await sleep(100);
  }
}

test('stop ends every server and removes every file, however often it is called', async () => {
  const sandbox = await startSandbox({ dataDir: directory, users: 50 });
  const ports = portsOf(sandbox.environments);
  expect(await Promise.all(ports.map(isOpen))).toEqual([true, true, true, true]);
  await Promise.all([sandbox.stop(), sandbox.stop()]);
  await sandbox.stop();
  expect(await Promise.all(ports.map(isOpen))).toEqual([false, false, false, false]);
  expect(await readdir(directory)).toEqual([]);
});

test('stop breaks off an export that is being read', async () => {
  const sandbox = await startSandbox({ dataDir: directory, users: 20_000, environments: ['dev'] });
  const server = sandbox.environment('dev');
  const answer = await fetch(`${server.apiUrl}/admin/realms/acme/export`, {
    headers: { authorization: `Bearer ${server.issueToken()}` },
  });
  await answer.body?.getReader().read();
  await sandbox.stop();
  await expectNothingLeft(portsOf(sandbox.environments));
});

test('the environments are what DESIGN promises as JSON', async () => {
  await using sandbox = await startSandbox({ dataDir: directory, environments: ['dev'], users: 30 });
  expect(JSON.parse(JSON.stringify(sandbox.environments))).toEqual([
    {
      name: 'dev',
      dialect: 'documented',
      apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      authUrl: expect.any(String),
      gatewayUrl: expect.any(String),
      clientId: 'admin-cli',
      clientSecret: expect.any(String),
      pgUrl: expect.stringMatching(/^postgres:\/\/opengate:.+@127\.0\.0\.1:\d+\/$/),
      databases: {
        realm: 'opengate_realm',
        user: 'opengate_user',
        rbac: 'opengate_rbac',
        client: 'opengate_client',
      },
      realms: ['acme', 'field-ops', 'master', 'partner-portal'],
    },
  ]);
  expect(() => sandbox.environment('nope')).toThrow(/no environment named nope/);
});

test('fixed ports follow each other', async () => {
  const port = await freePorts(4);
  await using sandbox = await startSandbox({ dataDir: directory, port, seed: false });
  expect(portsOf(sandbox.environments).toSorted((a, b) => a - b)).toEqual([
    port,
    port + 1,
    port + 2,
    port + 3,
  ]);
});

describe('a start that fails leaves nothing', () => {
  test('when a port is taken', async () => {
    const port = await freePorts(4);
    const blocker = createServer().listen(port, '127.0.0.1');
    await once(blocker, 'listening');
    const failure = await startSandbox({ dataDir: directory, port }).catch((error: unknown) => error);
    expect(isAppError(failure, 'SANDBOX_FAILED')).toBe(true);
    expect(String(failure)).toContain(String(port));
    blocker.close();
    await expectNothingLeft([port + 1, port + 2, port + 3]);
  });

  test.each([0, 300, 1_200])('when it is canceled after %i ms', async (after) => {
    const abort = new AbortController();
    const starting = startSandbox({ dataDir: directory, users: 300_000, signal: abort.signal });
    const outcome = starting.catch((error: unknown) => error);
    await sleep(after);
    abort.abort();
    expect(isAppError(await outcome, 'CANCELED')).toBe(true);
    await expectNothingLeft([]);
  });

  test('when the folder for the data is not there', async () => {
    const failure = await startSandbox({ dataDir: join(directory, 'missing') }).catch(
      (error: unknown) => error,
    );
    expect(isAppError(failure, 'SANDBOX_FAILED')).toBe(true);
  });
});

describe('a process that ends without stop leaves nothing', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)('by %s', async (signal) => {
    const { process: child, environment } = await startLoneSandbox([], [directory]);
    const ports = portsOf([environment]);
    expect(await Promise.all(ports.map(isOpen))).toEqual([true, true]);
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    await expectNothingLeft(ports);
  });

  test('by SIGKILL while it is still starting', async () => {
    const script = join(import.meta.dirname, 'testing', 'lone-sandbox.ts');
    const child = spawn(process.execPath, [script, directory], { stdio: 'ignore' });
    while ((await readdir(directory)).length === 0) await sleep(20);
    await sleep(100);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await expectNothingLeft([]);
  });
});
