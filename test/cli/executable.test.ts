import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addWords, setStage, type Stage } from './sandboxed.ts';

const EXECUTABLE = fileURLToPath(new URL('../../cli/drawbridge.mjs', import.meta.url));

interface Process {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null; out: string; err: string }>;
  /** Resolves when standard output or error has this in it. */
  shows(text: string): Promise<void>;
}

function start(
  words: readonly string[],
  {
    env = {},
    cwd,
    executable = EXECUTABLE,
    nodeFlags = [] as string[],
  }: { env?: NodeJS.ProcessEnv; cwd?: string; executable?: string; nodeFlags?: string[] } = {},
): Process {
  const child = spawn(process.execPath, [...nodeFlags, executable, ...words], {
    env: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  const watchers = new Set<() => void>();
  const hear = (stream: 'out' | 'err') => (chunk: Buffer) => {
    text[stream] += chunk.toString('utf8');
    for (const watcher of watchers) watcher();
  };
  child.stdout.on('data', hear('out'));
  child.stderr.on('data', hear('err'));
  const ended: Process['ended'] = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...text }));
  });
  return {
    child,
    ended,
    shows: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!`${text.out}${text.err}`.includes(wanted)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
        void ended.then(() => reject(new Error(`It ended without “${wanted}”: ${text.out}${text.err}`)));
      }),
  };
}

/** A preload that makes Node claim to be an old one. */
const OLD_NODE = [
  '--import',
  `data:text/javascript,${encodeURIComponent("Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.0' } })")}`,
];

let stage: Stage;
/** Called for each request, so that a test can wait until one is under way. */
let underWay: ((path: string) => void) | undefined;

beforeAll(async () => {
  stage = await setStage(1200);
  await stage.run(...addWords(stage, 'dev'));
  await stage.run(...addWords(stage, 'prod'));
  await stage.run('backup', 'dev', 'acme');
});
afterAll(async () => stage[Symbol.asyncDispose]());

/** Resolves when the sandbox is asked for a path that ends so; from then on such requests take long. */
function slowDown(ending: string, skip = 0): Promise<void> {
  return new Promise((resolve) => {
    let seen = 0;
    underWay = (path) => {
      if (path.endsWith(ending) && ++seen > skip) resolve();
    };
    stage.misbehave(({ path }) => {
      underWay?.(path);
      return path.endsWith(ending) && seen > skip ? { kind: 'delay', delayMilliseconds: 4000 } : undefined;
    });
  });
}

test('it is executable, and starts in any folder', async () => {
  expect(statSync(EXECUTABLE).mode & 0o111).toBe(0o111);
  expect(readFileSync(EXECUTABLE, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(await start(['--version'], { cwd: tmpdir() }).ended).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    err: '',
  });
});

test('an old Node hands over to the one that npm installed, with arguments, exit code and signals', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-guard-'));
  mkdirSync(join(folder, 'cli'));
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
  const executable = join(folder, 'cli', 'drawbridge.mjs');
  copyFileSync(EXECUTABLE, executable);
  writeFileSync(
    join(folder, 'cli', 'main.ts'),
    `const words: string[] = process.argv.slice(2); console.log(JSON.stringify([process.versions.node, words]));
     if (words[0] === 'wait') { process.on('SIGTERM', () => process.exit(143)); setInterval(() => {}, 1000); } else process.exitCode = 7;`,
  );
  for (const [packages, remedy] of [
    [{ [`node-${process.platform}-${process.arch}`]: '24.21.0' }, /: run "npm ci" in its folder/],
    // Where npm has none for this system, it is no remedy.
    [
      { 'node-sunos-sparc': '24.21.0' },
      /: install one from https:\/\/nodejs\.org\/\. .*npm brings none along\.\n$/,
    ],
  ] as const) {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ optionalDependencies: packages }));
    const alone = await start(['x'], { executable, nodeFlags: OLD_NODE }).ended;
    expect(alone).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^Drawbridge needs Node\.js 24\.6 or newer, and this is 20\.20\.0: .*\n$/),
    });
    expect(alone.err).toMatch(remedy);
  }

  symlinkSync(process.execPath, join(folder, 'node_modules', '.bin', 'node'));
  const handed = await start(['a b', '--c'], { executable, nodeFlags: OLD_NODE }).ended;
  expect([handed.code, JSON.parse(handed.out)]).toEqual([7, [process.versions.node, ['a b', '--c']]]);

  const waiting = start(['wait'], { executable, nodeFlags: OLD_NODE });
  await waiting.shows('wait');
  waiting.child.kill('SIGTERM');
  expect((await waiting.ended).code).toBe(143);
  rmSync(folder, { recursive: true });
});

test('Ctrl-C during a backup: exit code 130, the job is canceled, nothing half is kept', async () => {
  const reached = slowDown('/acme/export');
  const backup = start(['backup', 'dev', 'acme', '--json'], { env: stage.env });
  await reached;
  backup.child.kill('SIGINT');
  const { code, out, err } = await backup.ended;
  stage.misbehave(undefined);
  expect(err).toContain('Stopping cleanly');
  expect([code, JSON.parse(out)]).toMatchObject([130, { error: { code: 'CANCELED' } }]);
  expect((await stage.run('job', 'list', '--limit', '1', '--json')).json()).toMatchObject({
    jobs: [{ kind: 'backup', state: 'canceled' }],
  });
  expect((await stage.run('snapshot', 'verify', '--json')).json()).toMatchObject({
    snapshots: 1,
    damaged: [],
  });
});

test('kill -9 of the process that handed over ends the one that works, cleanly', async () => {
  const reached = slowDown('/acme/export');
  const backup = start(['backup', 'dev', 'acme'], { env: stage.env, nodeFlags: OLD_NODE });
  await reached;
  backup.child.kill('SIGKILL');
  // Both write to the same pipes: they close when the last of them has ended.
  expect(await backup.ended).toMatchObject({
    signal: 'SIGKILL',
    out: '',
    err: expect.stringContaining('Stopping cleanly'),
  });
  stage.misbehave(undefined);
  expect((await stage.run('job', 'list', '--limit', '1', '--json')).json()).toMatchObject({
    jobs: [{ kind: 'backup', state: 'canceled' }],
  });
});

test('SIGTERM ends with 143', async () => {
  const reached = slowDown('/acme/export');
  const backup = start(['backup', 'dev', 'acme'], { env: stage.env });
  await reached;
  backup.child.kill('SIGTERM');
  expect(await backup.ended).toMatchObject({
    code: 143,
    out: '',
    err: expect.stringContaining('What to do: '),
  });
  stage.misbehave(undefined);
});

test.skipIf(process.platform === 'win32')(
  'SIGTERM while a pipe is waited for ends at once; one that somebody writes to is imported',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'drawbridge-pipe-'));
    const path = join(folder, 'pipe.json');
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    const stalled = start(['snapshot', 'import', path, '--json'], { env: stage.env });
    await vi.waitUntil(
      async () => {
        const { jobs } = (await stage.run('job', 'list', '--limit', '1', '--json')).json() as {
          jobs?: { kind: string; state: string }[];
        };
        return jobs?.[0]?.kind === 'import-file' && jobs[0].state === 'running';
      },
      { timeout: 15_000, interval: 100 },
    );
    stalled.child.kill('SIGTERM');
    const { code, out } = await stalled.ended;
    expect([code, JSON.parse(out)]).toMatchObject([143, { error: { code: 'CANCELED' } }]);

    const written = start(['snapshot', 'import', path, '--json'], { env: stage.env });
    spawn('sh', ['-c', 'printf %s "$1" > "$0"', path, '{"roles":[{"name":"a"}]}']);
    expect(await written.ended).toMatchObject({ code: 0, out: expect.stringContaining('pipe.json') });
    rmSync(folder, { recursive: true });
  },
);

test('Ctrl-C during a question to a server: exit code 130', async () => {
  const reached = slowDown('/token');
  const asked = start(['realms', 'dev'], { env: stage.env });
  await reached;
  asked.child.kill('SIGINT');
  expect((await asked.ended).code).toBe(130);
  stage.misbehave(undefined);
});

test('Ctrl-C during an import: it says what was done and what was not, and a new plan finishes the rest', async () => {
  const settled = [
    '--realm',
    'merge',
    '--users',
    'merge',
    '--clients',
    'skip',
    '--unsupported',
    'skip',
    '--conflicts',
    'skip',
  ];
  const reached = slowDown('/acme/users/import', 1);
  const importing = start(['migrate', 'latest:dev/acme', 'prod', ...settled], { env: stage.env });
  await reached;
  const running = (await stage.run('job', 'list', '--limit', '1', '--json')).json() as unknown as {
    jobs: { id: string; state: string }[];
  };
  const early = await stage.run('rollback', running.jobs[0]!.id, '--json');
  expect([running.jobs[0]!.state, early.code, early.json()]).toMatchObject([
    'running',
    8,
    { error: { code: 'CATALOG_LOCKED', remedy: expect.stringContaining('for up to 30 seconds') } },
  ]);
  importing.child.kill('SIGINT');
  const { code, err } = await importing.ended;
  stage.misbehave(undefined);
  expect(code).toBe(130);
  expect(err).toMatch(/Canceled.*Done before that: \d+ steps?, (the last of them )?“/);
  expect(err).toMatch(/Not changed: /);
  expect((await stage.run('job', 'list', '--limit', '1', '--json')).json()).toMatchObject({
    jobs: [{ kind: 'apply', state: 'canceled' }],
  });
  const finished = await stage.run('migrate', 'latest:dev/acme', 'prod', ...settled, '--json');
  expect([finished.code, finished.json()]).toMatchObject([0, { verified: true }]);
});

test('Ctrl-C while somebody else’s lock is waited for: exit code 130, and the database is left at once', async () => {
  const { pgUrl, databases } = stage.sandbox.environment('prod');
  await stage.run('env', 'add', 'databases', '--pg-url-env', 'PROD_DATABASE');
  const holder = new pg.Client({ connectionString: pgUrl + databases.user });
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
  const planning = start(['plan', 'latest:dev/acme', 'databases', '--json'], { env: stage.env });
  const waiting = `SELECT pid FROM pg_locks WHERE NOT granted`;
  const waits = async () => (await holder.query(waiting)).rowCount! > 0;
  await vi.waitUntil(waits, { timeout: 15_000, interval: 100 });
  planning.child.kill('SIGINT');
  const { code, out } = await planning.ended;
  expect([code, JSON.parse(out)]).toMatchObject([130, { error: { code: 'CANCELED' } }]);
  expect(await waits()).toBe(false);
  await holder.end();
});

test('a reader that goes away is no failure', async () => {
  const listing = start(['snapshot', 'list'], { env: stage.env });
  listing.child.stdout!.destroy();
  expect(await listing.ended).toMatchObject({ code: 0, err: '' });
});

test('no secret is in the arguments of any process', async () => {
  const reached = slowDown('/token');
  const adding = start(
    [
      ...addWords(stage, 'dev').map((word) => (word === 'dev' ? 'again' : word)),
      '--pg-url-env',
      'DEV_DATABASE',
    ],
    { env: stage.env, nodeFlags: OLD_NODE },
  );
  await reached;
  const processes = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(argumentsOf);
  expect(processes.filter((words) => words.includes('--client-secret-env')).length).toBeGreaterThanOrEqual(2);
  expect(
    processes.some((words) =>
      [stage.env['DEV_SECRET']!, stage.env['DEV_DATABASE']!, 'correct horse'].some((secret) =>
        words.includes(secret),
      ),
    ),
  ).toBe(false);
  stage.misbehave(undefined);
  expect((await adding.ended).code).toBe(0);
});

test('the sandbox says one line when it is ready, and leaves nothing running', async () => {
  const sandbox = start(['sandbox', '--users', '20', '--json'], { env: { PATH: process.env['PATH'] } });
  await sandbox.shows(']}]}');
  sandbox.child.kill('SIGINT');
  const { code, out } = await sandbox.ended;
  expect(code).toBe(0);
  const { environments } = JSON.parse(out) as {
    environments: { name: string; apiUrl: string; pgUrl: string }[];
  };
  expect(environments.map(({ name }) => name)).toEqual(['dev', 'prod']);
  for (const { apiUrl, pgUrl } of environments) {
    expect([await answers(apiUrl), await answers(pgUrl)]).toEqual([false, false]);
  }
});

function argumentsOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/cmdline`, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
