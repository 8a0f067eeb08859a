import type { Command } from 'commander';
import { asAppError } from '../contract/wire.ts';
import { catalogPlace } from './catalog-place.ts';
import type { ExitCode } from './exit-codes.ts';
import { Io, type GlobalOptions, type Surroundings } from './io.ts';
import type { EngineClient, MaintenanceClient } from './jobs/engine-client.ts';
import { warnOfFailedRuns } from './commands/failed-runs.ts';
import { warnOfHalfWritten } from './commands/half-written.ts';
import { keySource, type OpenedBy } from './passphrase.ts';
import { visible } from './render/visible.ts';

/**
 * Whether a command makes a catalog where there is none: only what a catalog begins with does, an environment that is added
 * or a file that is imported. Whatever needs something of a catalog would find nothing in a new one, and a mistyped
 * folder would become one. `memory`: it uses none, and nothing remains of it.
 */
export type CatalogNeed = 'create' | 'existing' | 'memory';

/** Runs a command's function with what it needs, and keeps the exit code it returns. */
export class Host {
  readonly surroundings: Surroundings;
  exitCode: ExitCode | undefined;

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
  }

  async run(
    command: Command,
    body: (io: Io) => Promise<ExitCode>,
    traits: { readonly keepsJobs?: boolean } = {},
  ): Promise<void> {
    this.exitCode = await body(new Io(this.surroundings, command.optsWithGlobals<GlobalOptions>(), traits));
  }

  runWithEngine(
    command: Command,
    need: CatalogNeed,
    body: (io: Io, client: EngineClient, openedBy: OpenedBy) => Promise<ExitCode>,
  ): Promise<void> {
    return this.run(
      command,
      (io) => this.withEngine(io, command, need, (client, openedBy) => body(io, client, openedBy)),
      { keepsJobs: need !== 'memory' },
    );
  }

  async withEngine<T>(
    io: Io,
    command: Command,
    need: CatalogNeed,
    body: (client: EngineClient, openedBy: OpenedBy) => Promise<T>,
  ): Promise<T> {
    // Loaded when needed: with it, even --help would take half a second.
    const { openEngine, openMemoryEngine, systemKeychain } = await import('../core/engine/index.ts');
    const { env } = this.surroundings;
    const variables = (name: string): string | undefined => env[name];
    const open = this.surroundings.openEngine ?? openEngine;
    const source = need === 'memory' ? undefined : keySource(io, systemKeychain());
    const openedBy = source?.openedBy ?? (() => undefined);
    const engine =
      source === undefined
        ? openMemoryEngine({ variables })
        : await open({
            catalogDir: this.#place(command),
            keys: source.keys,
            createCatalog: need === 'create',
            variables,
            standardOutput: this.surroundings.stdout,
          });
    try {
      if (engine.notice !== undefined) io.note(visible(engine.notice));
      if (!looksAtJobs(command))
        await unlessDamaged(io, 'whether a job has left a realm half written', () =>
          warnOfHalfWritten(io, engine.client),
        );
      if (need !== 'memory' && command.parent?.name() !== 'schedule')
        await unlessDamaged(io, 'whether a scheduled backup has failed', () =>
          warnOfFailedRuns(io, engine.client),
        );
      return await body(engine.client, openedBy);
    } finally {
      await engine.close();
    }
  }

  /** For what is done to a catalog that no engine has open. */
  async withMaintenance<T>(
    io: Io,
    command: Command,
    body: (client: MaintenanceClient) => Promise<T>,
  ): Promise<T> {
    const { openMaintenance, systemKeychain } = await import('../core/engine/index.ts');
    const open = this.surroundings.openMaintenance ?? openMaintenance;
    return body(open({ catalogDir: this.#place(command), keys: keySource(io, systemKeychain()).keys }));
  }

  #place(command: Command): string {
    return catalogPlace(command.optsWithGlobals<GlobalOptions>().catalog, this.surroundings.env);
  }
}

/**
 * What is told beside a command must not keep it from being done, least of all what reads and saves what is whole. Where a
 * realm is written to, the engine looks by itself.
 */
async function unlessDamaged(io: Io, what: string, tell: () => Promise<void>): Promise<void> {
  try {
    await tell();
  } catch (error) {
    if (asAppError(error).code !== 'CATALOG_DAMAGED') throw error;
    io.warn(
      `The catalog is damaged: ${what} cannot be read from it any more. To see what is damaged: ${io.self} catalog verify`,
    );
  }
}

/** Commands that tell of themselves what jobs have left behind, or that must work where jobs cannot be read. */
function looksAtJobs(command: Command): boolean {
  return ['rollback', 'job', 'catalog'].includes(groupOf(command).name());
}

/** The program's own command that this one is a part of. */
function groupOf(command: Command): Command {
  return command.parent?.parent ? groupOf(command.parent) : command;
}
