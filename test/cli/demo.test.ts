import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { demonstrate } from '../../cli/commands/demo.ts';
import type { DemoEvidence } from '../../cli/demo/evidence.ts';
import { Io } from '../../cli/io.ts';
import { runCommandLine } from '../../cli/program.ts';
import { captured } from './captured.ts';

const EXECUTABLE = fileURLToPath(new URL('../../cli/drawbridge.mjs', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'drawbridge-demo-test-'));
const before = process.env['TMPDIR'];
process.env['TMPDIR'] = temporary;
afterAll(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(temporary, { recursive: true });
});

test('the demo tells its story, proves what it claims, and leaves nothing', async () => {
  const around = captured({
    PATH: process.env['PATH'],
    DRAWBRIDGE_CATALOG: join(temporary, 'somebody-elses'),
    DRAWBRIDGE_RECOVERY_KEY_FILE: join(temporary, 'somebody-elses-key'),
  });
  const code = await runCommandLine(['demo', '--users', '400', '--json'], around);
  const story = around.err();
  expect([code, story]).toEqual([0, expect.stringContaining('Done and verified')]);
  const { evidence } = JSON.parse(around.out()) as { evidence: DemoEvidence };
  expect(evidence).toMatchObject({
    captured: expect.arrayContaining([
      expect.objectContaining({ realm: 'acme', counts: expect.objectContaining({ users: 400 }) }),
    ]),
    conflicts: expect.any(Number),
    applied: { verified: true, failures: 0, status: 'succeeded' },
    created: { verified: true, failures: 0, counts: expect.objectContaining({ create: 65 }) },
    databases: { passwords: 58, undone: { verified: true, failures: 0, undid: expect.any(String) } },
  });
  expect(evidence.conflicts).toBeGreaterThan(5);
  expect(evidence.growth.secondBytes).toBeLessThan(100_000);
  for (const scene of [
    '$ drawbridge env add dev',
    '$ drawbridge backup dev acme',
    'Unchanged since',
    'Blocked:',
    '(exit code 4)',
    'That was not confirmed.',
    '$ drawbridge apply ',
    'No difference between',
    '$ drawbridge rollback ',
    'Undone and verified',
  ]) {
    expect(story).toContain(scene);
  }
  expect(story).not.toContain(temporary);
  expect(readdirSync(temporary)).toEqual([]);
  const ports = new Set([...story.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port)));
  expect(ports.size).toBeGreaterThan(1);
  for (const port of ports) expect(await answers(port)).toBe(false);
});

test.each([
  ['SIGINT', 130, '$ drawbridge backup', 0],
  ['SIGTERM', 143, '$ drawbridge plan', 0],
  // The sandbox is only being asked for, is preparing its databases, is filling them.
  ['SIGINT', 130, '$ drawbridge sandbox', 0],
  ['SIGTERM', 143, '$ drawbridge sandbox', 300],
  ['SIGINT', 130, '$ drawbridge sandbox', 1200],
] as const)(
  '%s ends it with %i, after “%s” and %i ms, and leaves nothing',
  async (signal, code, moment, delay) => {
    const around = captured({ PATH: process.env['PATH'] });
    let raised = false;
    around.stdout.on('data', () => {
      if (raised || !around.out().includes(moment)) return;
      raised = true;
      void setTimeout(delay).then(() => around.interruption.raise(signal));
    });
    const ended = await runCommandLine(['demo', '--users', '2000'], around);
    expect([ended, around.err()]).toEqual([
      code,
      'The demo was interrupted.\nNot changed: Nothing is left of it.\n',
    ]);
    expect(around.out()).not.toContain('The evidence');
    expect(readdirSync(temporary)).toEqual([]);
  },
);

test('interrupted before it begins, it does not begin', async () => {
  const around = captured({ PATH: process.env['PATH'] });
  around.interruption.raise('SIGINT');
  expect([await runCommandLine(['demo'], around), around.out()]).toEqual([
    130,
    expect.not.stringContaining('$ drawbridge'),
  ]);
  expect(readdirSync(temporary)).toEqual([]);
});

test('Ctrl-C at a terminal, which its servers get as well, is an interruption and nothing else', async () => {
  const child = spawn(process.execPath, [EXECUTABLE, 'demo', '--users', '2000'], {
    env: { PATH: process.env['PATH'], TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, as a shell gives to what runs in the foreground.
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
  await expect.poll(() => text, { timeout: 20_000, interval: 20 }).toContain('$ drawbridge sandbox');
  // PostgreSQL’s initdb runs by now.
  await setTimeout(300);
  process.kill(-child.pid!, 'SIGINT');
  const [code] = (await once(child, 'close')) as [number | null];
  expect([code, text]).toEqual([
    130,
    expect.stringMatching(/Stopping cleanly …\nThe demo was interrupted\.\n/),
  ]);
  expect(text).not.toMatch(/Error \(|not iterable/);
  expect(readdirSync(temporary)).toEqual([]);
});

test('a sandbox that cannot start says why', async () => {
  const around = captured({ PATH: process.env['PATH'] });
  const why = 'No PostgreSQL is installed for plan9 on mips.';
  const demo = demonstrate(
    new Io(around, {}),
    async (words, { stdout }) => {
      expect(words[0]).toBe('sandbox');
      stdout.write(
        `${JSON.stringify({ error: { code: 'SANDBOX_FAILED', message: why, notChanged: '', remedy: 'Run npm ci.' } })}\n`,
      );
      return 1;
    },
    100,
  );
  await expect(demo).rejects.toMatchObject({ code: 'SANDBOX_FAILED', message: why, remedy: 'Run npm ci.' });
  expect(readdirSync(temporary)).toEqual([]);
});

test('without a temporary folder it says so', async () => {
  const around = captured({ PATH: process.env['PATH'] });
  process.env['TMPDIR'] = join(temporary, 'nowhere');
  try {
    expect([await runCommandLine(['demo'], around), around.err()]).toEqual([
      1,
      expect.stringMatching(
        /^Error \(\w+\): No folder could be made in “.*nowhere” \(ENOENT\)\.\nNot changed: .*\nWhat to do: Set TMPDIR /,
      ),
    ]);
  } finally {
    process.env['TMPDIR'] = temporary;
  }
});

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
