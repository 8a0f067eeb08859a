import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../../cli/program.ts';
import { startSandbox, type DialectName, type FaultHook, type Sandbox } from '../../sandbox/index.ts';
import { captured, type Captured } from './captured.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Standard output, which must be exactly one JSON document on one line. */
  json(): Record<string, never>;
}

/** A real sandbox and a catalog of its own, with the command line run in process. */
export interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** What the sandbox does wrong from now on. */
  misbehave(hook: FaultHook | undefined): void;
  run(...words: string[]): Promise<Ran>;
  /** The same, with the surroundings at hand: to interrupt it, to type into it. */
  begin(surroundings: Captured, ...words: string[]): Promise<Ran>;
  surroundings(): Captured;
}

export async function setStage(users = 300, dialect: DialectName = 'documented'): Promise<Stage> {
  let hook: FaultHook | undefined;
  const sandbox = await startSandbox({
    dialect,
    users,
    bcryptCost: 4,
    onRequest: (request) => hook?.(request),
  });
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-test-'));
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    DRAWBRIDGE_CATALOG: join(folder, 'catalog'),
    DRAWBRIDGE_PASSPHRASE: 'correct horse',
    DEV_SECRET: sandbox.environment('dev').clientSecret,
    PROD_SECRET: sandbox.environment('prod').clientSecret,
    DEV_DATABASE: sandbox.environment('dev').pgUrl,
    PROD_DATABASE: sandbox.environment('prod').pgUrl,
  };
  const surroundings = (): Captured => captured(env);
  const begin = async (around: Captured, ...words: string[]): Promise<Ran> => {
    const code = await runCommandLine(words, around);
    return { code, out: around.out(), err: around.err(), json: () => oneDocument(around.out()) };
  };
  return {
    sandbox,
    folder,
    env,
    misbehave: (next) => {
      hook = next;
    },
    begin,
    run: (...words) => begin(surroundings(), ...words),
    surroundings,
    async [Symbol.asyncDispose]() {
      await sandbox.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The words of `env add` for a stand-in. */
export function addWords({ sandbox }: Stage, name: 'dev' | 'prod', ...more: string[]): string[] {
  const { apiUrl, clientId } = sandbox.environment(name);
  const secret = `${name.toUpperCase()}_SECRET`;
  return [
    'env',
    'add',
    name,
    '--api-url',
    apiUrl,
    '--client-id',
    clientId,
    '--client-secret-env',
    secret,
    ...more,
  ];
}

/** The same over the databases alone. */
export function addDatabaseWords(name: 'dev' | 'prod', ...more: string[]): string[] {
  return ['env', 'add', name, '--pg-url-env', `${name.toUpperCase()}_DATABASE`, ...more];
}

function oneDocument(out: string): Record<string, never> {
  if (!/^[^\n]+\n$/.test(out)) throw new Error(`Not one line: ${JSON.stringify(out)}`);
  return JSON.parse(out) as Record<string, never>;
}
