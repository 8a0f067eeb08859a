import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { isNewEnough, nodeEnvironment, otherNode } from './other-node.ts';

const home = process.cwd();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-node-'));
  vi.stubEnv('DRAWBRIDGE_NODE', undefined);
});
afterEach(() => {
  process.chdir(home);
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** What says of itself that it is this version of Node.js. */
function node(place: string, version: string): string {
  const file = join(folder, place, 'node');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho ${version}\n`);
  chmodSync(file, 0o755);
  return file;
}

it('an older one than the engine needs is not new enough', () => {
  expect(['24.6.0', '24.21.0', '25.0.1', '100.0.0'].map(isNewEnough)).toEqual([true, true, true, true]);
  expect(['18.15.0', '22.22.0', '24.5.9', '', 'v24.6.0'].map(isNewEnough)).not.toContain(true);
});

// A script without an ending is no program on Windows.
it.skipIf(process.platform === 'win32')(
  'the one that is named comes first, then that of the checkout, then the first new one on the path',
  () => {
    const [old, path] = [node('old', '18.15.0'), node('path', '24.6.0')];
    const [own, named] = [node('own', '24.21.0'), node('named', '25.0.0')];
    vi.stubEnv('PATH', `${dirname(old)}:${dirname(path)}`);
    expect(otherNode(undefined)).toBe(path);
    expect(otherNode(join(folder, 'not-there/node'))).toBe(path);
    expect(otherNode(own)).toBe(own);
    vi.stubEnv('DRAWBRIDGE_NODE', named);
    expect(otherNode(own)).toBe(named);
    // One that is named and cannot do it is not what was meant.
    vi.stubEnv('DRAWBRIDGE_NODE', old);
    expect(otherNode(own)).toBe(own);
  },
);

it.skipIf(process.platform === 'win32')(
  'none is taken from the folder that the program was started in',
  () => {
    const here = dirname(node('here', '25.0.0'));
    process.chdir(here);
    for (const path of ['', ':/nowhere', '/nowhere:', '.:/nowhere', './:../here']) {
      vi.stubEnv('PATH', path);
      expect(() => otherNode(undefined), path).toThrow('name one in DRAWBRIDGE_NODE');
    }
  },
);

it('is given what this program was started with, but for what would make another program of it', () => {
  vi.stubEnv('ELECTRON_RUN_AS_NODE', '1');
  vi.stubEnv('NODE_OPTIONS', '--title=x');
  vi.stubEnv('DRAWBRIDGE_PASSPHRASE', 'thimble');
  const given = nodeEnvironment();
  expect(given).not.toHaveProperty('ELECTRON_RUN_AS_NODE');
  expect(given).not.toHaveProperty('NODE_OPTIONS');
  expect(given).toHaveProperty('DRAWBRIDGE_PASSPHRASE', 'thimble');
});
