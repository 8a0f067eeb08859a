import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NODE_FLAGS } from '../bench/node-flags.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('the command line is started with the flags that the benchmarks measure', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const name of ['drawbridge', 'demo'])
    expect(scripts[name]).toMatch(new RegExp(`^node ${NODE_FLAGS.join(' ')} cli/drawbridge\\.mjs`));
  const given = /const FLAGS = \[([^\]]*)\]/.exec(read('cli/drawbridge.mjs'))?.[1];
  expect(given).toBe(NODE_FLAGS.map((flag) => `'${flag}'`).join(', '));
});
