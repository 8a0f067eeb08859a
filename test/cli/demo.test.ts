import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { DemoEvidence } from '../../cli/demo/evidence.ts';
import { runCommandLine } from '../../cli/program.ts';
import { captured } from './captured.ts';

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
  ]) {
    expect(story).toContain(scene);
  }
  expect(story).not.toContain(temporary);
  expect(readdirSync(temporary)).toEqual([]);
  for (const port of new Set([...story.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port)))) {
    expect(await answers(port)).toBe(false);
  }
});

test('interrupted midway, it leaves nothing either', async () => {
  const around = captured({ PATH: process.env['PATH'] });
  around.stdout.on('data', () => {
    if (around.out().includes('$ drawbridge backup')) around.interruption.raise('SIGINT');
  });
  const code = await runCommandLine(['demo', '--users', '100'], around);
  expect([code, around.err()]).toEqual([130, expect.stringContaining('The demo was interrupted.')]);
  expect(readdirSync(temporary)).toEqual([]);
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
