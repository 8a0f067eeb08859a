import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutputFile, type FilePlace } from './output-file.ts';

const signal = new AbortController().signal;
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-output-'));
  path = join(folder, 'report.xml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (replace: FilePlace['replace'], at = path): Promise<OutputFile> =>
  OutputFile.open({ path: at, replace, kept: {} });

async function* pieces(...some: readonly string[]): AsyncGenerator<string> {
  for (const piece of some) yield await Promise.resolve(piece);
}

describe('a report for a pipeline', () => {
  it.each([
    ['nothing', undefined],
    ['an empty file', ''],
    ['a report of ours', '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="drawbridge">'],
    ['one of others', '\uFEFF<?xml version="1.0"?>\n<!-- by others -->\n<testsuite tests="1"/>'],
  ])('takes the place of %s', async (_what, there) => {
    if (there !== undefined) writeFileSync(path, there);
    const file = await open('a report');
    // Of a command that is killed there is none, rather than an earlier one.
    expect(existsSync(path)).toBe(false);
    expect(await file.write(pieces('<testsuites', '/>'), signal)).toBe(13);
    expect(readFileSync(path, 'utf8')).toBe('<testsuites/>');
    expect(readdirSync(folder)).toEqual(['report.xml']);
  });

  it.each(['{"realm":{}}', 'precious', '<html><testsuites>', '<testsuitesque/>'])(
    'not of %s',
    async (there) => {
      writeFileSync(path, there);
      await expect(open('a report')).rejects.toMatchObject({
        code: 'FILE_FAILED',
        message: expect.stringContaining('is no JUnit report'),
      });
      expect(readFileSync(path, 'utf8')).toBe(there);
      expect(readdirSync(folder)).toEqual(['report.xml']);
    },
  );

  it('goes where a link leads, and others may read it', async () => {
    const real = join(folder, 'real.xml');
    writeFileSync(real, '<testsuites/>');
    symlinkSync(real, path);
    await (await open('a report')).write(pieces('<testsuites>new'), signal);
    expect(readFileSync(real, 'utf8')).toBe('<testsuites>new');
    expect(statSync(real).mode & 0o777 & ~process.umask()).toBe(0o666 & ~process.umask());
  });

  it('of which nothing comes leaves nothing', async () => {
    await (await open('a report')).discard();
    expect(readdirSync(folder)).toEqual([]);
  });
});

it('a folder is no file, and a folder that is not there is told at once', async () => {
  await expect(open(true, folder)).rejects.toMatchObject({ details: { code: 'EISDIR' } });
  await expect(open(true, join(folder, 'nowhere', 'x'))).rejects.toMatchObject({
    details: { code: 'ENOENT' },
  });
});

it('what fails midway leaves what was there; a defect of what makes the pieces is no fault of the disk', async () => {
  writeFileSync(path, 'earlier');
  const failing = async function* (met: Error): AsyncGenerator<string> {
    yield await Promise.resolve('half');
    throw met;
  };
  const lost = Object.assign(new Error('lost'), { code: 'EIO' });
  for (const [met, code] of [
    [lost, 'FILE_FAILED'],
    [new TypeError('no more'), 'INTERNAL'],
  ] as const)
    await expect((await open(true)).write(failing(met), signal)).rejects.toMatchObject({ code });
  expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['earlier', ['report.xml']]);
});

describe.skipIf(process.platform === 'win32')('what is no file', () => {
  it.each([false, true, 'a report'] as const)(
    'a named pipe is written to as it comes, and stays (%s)',
    async (replace) => {
      execFileSync('mkfifo', [path]);
      const file = await open(replace);
      const large = 'x'.repeat(300_000);
      const writing = file.write(pieces('a', large, 'b'), signal);
      expect(await readFile(path, 'utf8')).toBe(`a${large}b`);
      expect(await writing).toBe(300_002);
      expect(statSync(path).isFIFO()).toBe(true);
    },
  );

  it('a pipe that nobody reads from can be given up', async () => {
    execFileSync('mkfifo', [path]);
    const abort = new AbortController();
    const writing = (await open(false)).write(pieces('a'), abort.signal);
    setTimeout(() => abort.abort(), 120);
    await expect(writing).rejects.toMatchObject({ code: 'CANCELED' });
  });

  it('a device is left as it is', async () => {
    expect(await (await open(true, '/dev/null')).write(pieces('gone'), signal)).toBe(4);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it.each(['> out', '>> out', '| cat > out'])('standard output by its name, sent %s', (where) => {
    const script = join(folder, 'script.ts');
    const module = join(import.meta.dirname, 'output-file.ts');
    writeFileSync(
      script,
      `import { OutputFile } from ${JSON.stringify(module)};
       const file = await OutputFile.open({ path: '/dev/stdout', replace: 'a report', kept: {} });
       await file.write((async function* () { yield 'told'; })(), new AbortController().signal);`,
    );
    writeFileSync(join(folder, 'out'), 'before ');
    execFileSync('sh', ['-c', `"$0" "$1" ${where}`, process.execPath, script], { cwd: folder });
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe(where === '>> out' ? 'before told' : 'told');
  });
});
