import { Option, type Command } from 'commander';
import { STAGES } from '../../contract/environment.ts';
import { AppError } from '../../contract/errors.ts';
import type { CatalogNeed } from '../host.ts';
import type { GlobalOptions, Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { addApiFlags, apiFlagsGiven, newApi, type ApiFlags } from './api-flags.ts';
import { addPostgresFlags, postgresFlagsGiven, postgresFrom, type PostgresFlags } from './postgres-flags.ts';

/**
 * An installation that is described on the command line instead of being looked up in the catalog: for pipelines, which
 * have no catalog, no passphrase and no keychain.
 */
export interface DirectFlags extends ApiFlags, PostgresFlags {
  readonly stage?: (typeof STAGES)[number];
}

export const DIRECT_HELP = `
With an address (--api-url, --pg-url, …) the environment is the one described here, under any name you like, instead of one
of the catalog. Then no catalog is opened or created: everything is kept in memory and forgotten at the end, so that no
passphrase, no keychain and no folder to write to is needed, and there is nothing to roll back from afterwards.`;

export function addDirectFlags(command: Command): Command {
  command.addOption(
    new Option('--stage <stage>', 'what the environment described here is for')
      .choices(STAGES)
      .helpGroup('Admin API:'),
  );
  return addPostgresFlags(addApiFlags(command));
}

function directFlagsGiven(flags: DirectFlags): string[] {
  return [...apiFlagsGiven(flags), ...postgresFlagsGiven(flags)];
}

export function isDirect(flags: DirectFlags): boolean {
  return directFlagsGiven(flags).length > 0;
}

/** @throws AppError USAGE when a catalog is named that would not be used, or a stage that is the catalog's to know */
export function directNeed(command: Command, flags: DirectFlags, stored: CatalogNeed): CatalogNeed {
  if (!isDirect(flags)) {
    if (flags.stage === undefined) return stored;
    throw contradiction(
      '--stage belongs to an environment that is described on the command line.',
      'Leave it out, or describe the environment: --api-url and --client-id, or --pg-url.',
    );
  }
  if (command.optsWithGlobals<GlobalOptions>().catalog === undefined) return 'memory';
  throw contradiction(
    `A catalog is named, but with ${directFlagsGiven(flags)[0]!} the environment is described on the command line, and none is used.`,
    'Leave out --catalog; or leave out the addresses, and name an environment of the catalog.',
  );
}

/** Makes the environment known to an engine that knows none. @throws AppError USAGE, INVALID_NAME, FILE_FAILED */
export async function addDirect(
  io: Io,
  client: EngineClient,
  name: string,
  flags: DirectFlags,
): Promise<void> {
  const postgres = await postgresFrom(io, flags);
  const api = await newApi(io, flags);
  await client.environments.add({
    name,
    ...(flags.stage === undefined ? {} : { stage: flags.stage }),
    ...(api === undefined ? {} : { api }),
    ...(postgres === undefined ? {} : { postgres }),
  });
}

function contradiction(message: string, remedy: string): AppError {
  return new AppError('USAGE', message, { notChanged: 'Nothing was done.', remedy });
}
