import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { SnapshotView } from '../../contract/snapshot.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runJob } from '../jobs/run-job.ts';
import { listed } from '../render/numbers.ts';
import type { FileFlags } from './env-vars.ts';
import { givenSecret } from './secret-place.ts';

export interface PseudonymFlags {
  readonly pseudonymize?: boolean;
  readonly keepDomains?: boolean;
  readonly passwordEnv?: string;
  readonly clientSecretEnv?: string;
  readonly pseudonymKeyEnv?: string;
}

const GROUP = 'Pseudonyms:';

/** How everybody becomes somebody else, as `snapshot pseudonymize` takes it. */
export function addPseudonymFlags(command: Command, { optional }: { readonly optional: boolean }): Command {
  const flags: [string, string][] = [
    ...(optional
      ? ([['--pseudonymize', 'with everybody in it replaced by somebody else; made as a snapshot first']] as [
          string,
          string,
        ][])
      : []),
    ['--keep-domains', 'keep the domains of e-mail addresses; mail to them reaches real servers'],
    [
      '--password-env <variable>',
      'environment variable that holds a password for everybody who had one; without it, nobody has any',
    ],
    [
      '--client-secret-env <variable>',
      'environment variable that holds a secret for every client that had one; without it, a target keeps its own',
    ],
    [
      '--pseudonym-key-env <variable>',
      'environment variable that holds a key to make pseudonyms with, instead of the catalog’s: copies of several catalogs agree under one key',
    ],
  ];
  for (const [name, purpose] of flags) {
    const option = command.createOption(name, purpose);
    command.addOption(optional ? option.helpGroup(GROUP) : option);
  }
  return command;
}

export interface PerhapsPseudonymized {
  readonly from: string;
  /** How it is read: the copy is in the catalog already. */
  readonly fileFlags: FileFlags;
}

/** The source itself; or, with `--pseudonymize`, the id of the copy that is made of it. @throws AppError USAGE */
export async function perhapsPseudonymized(
  io: Io,
  client: EngineClient,
  source: string,
  flags: PseudonymFlags & FileFlags,
): Promise<PerhapsPseudonymized> {
  if (flags.pseudonymize) {
    const copy = await pseudonymized(io, client, source, flags);
    io.note(`Made a pseudonymised copy: snapshot ${copy.id}.`);
    return { from: copy.id, fileFlags: { envVars: false } };
  }
  const given = [
    ...(flags.keepDomains ? ['--keep-domains'] : []),
    ...(flags.passwordEnv === undefined ? [] : ['--password-env']),
    ...(flags.clientSecretEnv === undefined ? [] : ['--client-secret-env']),
    ...(flags.pseudonymKeyEnv === undefined ? [] : ['--pseudonym-key-env']),
  ];
  if (given.length === 0) return { from: source, fileFlags: { envVars: flags.envVars === true } };
  throw new AppError(
    'USAGE',
    `${listed(given, 'and')} say how to pseudonymise, but --pseudonymize is not given.`,
    {
      notChanged: 'Nothing was done.',
      remedy: 'Add --pseudonymize, or leave that out.',
    },
  );
}

export async function pseudonymized(
  io: Io,
  client: EngineClient,
  source: string,
  flags: PseudonymFlags & FileFlags,
  tags: string[] = [],
): Promise<SnapshotView> {
  const secret = (what: string, variable: string | undefined) =>
    givenSecret(io, { what, variable, file: undefined });
  const password = await secret('password', flags.passwordEnv);
  const clientSecret = await secret('client secret', flags.clientSecretEnv);
  const key = await secret('key', flags.pseudonymKeyEnv);
  const { result } = await runJob(io, client, {
    kind: 'pseudonymize',
    source,
    variables: flags.envVars === true,
    keepDomains: flags.keepDomains === true,
    tags,
    keys: {
      ...(password !== undefined && { password }),
      ...(clientSecret !== undefined && { clientSecret }),
      ...(key !== undefined && { key }),
    },
  });
  return result.snapshot;
}
