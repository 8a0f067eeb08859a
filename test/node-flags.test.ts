import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { NODE_FLAGS, WRITING_ENV } from '../bench/node-flags.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('the command line is started with the flags that the benchmarks measure', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const name of ['drawbridge', 'demo'])
    expect(scripts[name]).toMatch(new RegExp(`^node ${NODE_FLAGS.join(' ')} cli/drawbridge\\.mjs`));
  // By itself, and by the desktop program.
  for (const file of ['cli/drawbridge.mjs', 'electron/main/run-command.ts']) {
    const given = /const FLAGS = \[([^\]]*)\]/.exec(read(file))?.[1];
    expect(given, file).toBe(NODE_FLAGS.map((flag) => `'${flag}'`).join(', '));
  }
  const [[name, value]] = Object.entries(WRITING_ENV) as [[string, string]];
  expect(read('cli/drawbridge.mjs')).toContain(`const MALLOC = { ${name}: '${value}' };`);
});

test.skipIf(process.platform === 'win32')(
  'an import that is started by a Node.js without them is started again with them, as the same process',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'drawbridge-flags-'));
    mkdirSync(join(folder, 'cli'));
    copyFileSync(join(root, 'cli/drawbridge.mjs'), join(folder, 'cli/drawbridge.mjs'));
    writeFileSync(
      join(folder, 'cli/main.ts'),
      `const { pid, execArgv, argv, env } = process;
       console.log(JSON.stringify({ pid, execArgv, words: argv.slice(2), malloc: env['MALLOC_MMAP_THRESHOLD_'] }));`,
    );
    const started = async (...words: string[]) => {
      const child = spawn(process.execPath, [join(folder, 'cli/drawbridge.mjs'), ...words], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const told = JSON.parse(await text(child.stdout)) as { pid: number };
      expect(told.pid).toBe(child.pid);
      return told;
    };
    const flags = [...NODE_FLAGS];
    const malloc = WRITING_ENV.MALLOC_MMAP_THRESHOLD_;
    const words = ['--catalog', 'backup', '--quiet', 'migrate', 'dev/a b', 'prod'];
    expect(await started(...words)).toMatchObject({ execArgv: flags, words, malloc });
    expect(await started('backup', 'dev')).toMatchObject({ execArgv: flags, words: ['backup', 'dev'] });
    expect(await started('backup', 'dev')).not.toHaveProperty('malloc');
    expect(await started('env', 'list')).toMatchObject({ execArgv: [], words: ['env', 'list'] });
    rmSync(folder, { recursive: true });
  },
);
