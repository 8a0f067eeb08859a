import type { Command } from 'commander';
import { catalogPlace } from './catalog-place.ts';
import type { ExitCode } from './exit-codes.ts';
import { Io, type GlobalOptions, type Surroundings } from './io.ts';
import type { EngineClient } from './jobs/engine-client.ts';
import { warnOfHalfWritten } from './commands/half-written.ts';
import { keySource } from './passphrase.ts';

/**
 * Whether a command makes a catalog where there is none; commands that only look never do. `memory`: it uses none, and
 * nothing remains of it.
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
    body: (io: Io, client: EngineClient) => Promise<ExitCode>,
  ): Promise<void> {
    return this.run(
      command,
      async (io) => {
        // Loaded when needed: with it, even --help would take half a second.
        const { openEngine, openMemoryEngine, systemKeychain } = await import('../core/engine/index.ts');
        const { env } = this.surroundings;
        const variables = (name: string): string | undefined => env[name];
        const open = this.surroundings.openEngine ?? openEngine;
        const engine =
          need === 'memory'
            ? openMemoryEngine({ variables })
            : await open({
                catalogDir: catalogPlace(command.optsWithGlobals<GlobalOptions>().catalog, env),
                keys: keySource(io, systemKeychain()),
                createCatalog: need === 'create',
                variables,
              });
        try {
          if (!looksAtJobs(command)) await warnOfHalfWritten(io, engine.client);
          return await body(io, engine.client);
        } finally {
          await engine.close();
        }
      },
      { keepsJobs: need !== 'memory' },
    );
  }
}

/** Commands that tell of themselves what jobs have left behind. */
function looksAtJobs(command: Command): boolean {
  return command.name() === 'rollback' || command.parent?.name() === 'job';
}
