import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { tellOfFailure, type AlertFacts } from './schedule-alerts.ts';

const FACTS: AlertFacts = {
  schedule: 'nightly',
  environment: 'prod',
  state: 'failed',
  startedAt: '2027-03-02T02:00:00.000Z',
  finishedAt: '2027-03-02T02:00:01.000Z',
  jobs: [],
  error: { code: 'UNREACHABLE', message: 'Gone\u0000.' },
};

afterEach(() => vi.unstubAllEnvs());

function node(script: string) {
  return { program: process.execPath, args: ['-e', script] };
}

it('a command that does not end is ended, and one that is not there is said to be missing', async () => {
  const began = performance.now();
  const [slow] = await tellOfFailure({ command: node('setInterval(() => {}, 1000)') }, FACTS, {
    command: 300,
  });
  expect(slow).toMatch(/ended with SIGKILL\.$/);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(await tellOfFailure({ command: { program: '/no/such/program', args: [] } }, FACTS)).toEqual([
    'The command “/no/such/program” could not be started: ENOENT.',
  ]);
});

it('what cannot even be tried to be started is told as well, beside what became of the rest', async () => {
  const beyondAFile = `${process.execPath}/alert`;
  const server = createServer((_, response) => void response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const told = await tellOfFailure(
    { command: { program: beyondAFile, args: [] }, webhookUrl: `http://127.0.0.1:${port}/x` },
    FACTS,
  );
  server.close();
  expect(told).toEqual([
    `The command “${beyondAFile}” could not be started: ENOTDIR.`,
    'The webhook was told (200).',
  ]);
  expect(await tellOfFailure({ command: { program: 'echo', args: ['\u0000'] } }, FACTS)).toEqual([
    'The command “echo” could not be started: ERR_INVALID_ARG_VALUE.',
  ]);
});

it('a command that has left something running is not waited for', async () => {
  const script = `require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 4000)'], { stdio: 'inherit', detached: true }).unref(); console.log('left')`;
  const began = performance.now();
  expect(await tellOfFailure({ command: node(script) }, FACTS)).toEqual([
    expect.stringContaining('It said: left'),
  ]);
  expect(performance.now() - began).toBeLessThan(3_000);
});

it('nothing to tell by tells nothing', async () => {
  expect(await tellOfFailure({}, FACTS)).toEqual([]);
});

it('a webhook that does not answer is given up; this computer is reached past a proxy, others through it', async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:9');
  vi.stubEnv('http_proxy', 'http://127.0.0.1:9');
  const silent = await tellOfFailure({ webhookUrl: `http://127.0.0.1:${port}/x` }, FACTS, { webhook: 200 });
  expect(silent).toEqual(['The webhook could not be told: it did not answer in time.']);
  const refused = await tellOfFailure({ webhookUrl: 'http://alerts.invalid/x' }, FACTS, { webhook: 2_000 });
  expect(refused).toEqual(['The webhook could not be told: ECONNREFUSED.']);
  server.closeAllConnections();
  server.close();
});
