import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { snapshotLines } from '../render/snapshot.ts';
import { collect } from './arguments.ts';
import { envVarsOption, type FileFlags } from './env-vars.ts';
import { examples, SOURCE_HELP } from './examples.ts';
import { addPseudonymFlags, pseudonymized, type PseudonymFlags } from './pseudonym-flags.ts';

interface Flags extends PseudonymFlags, FileFlags {
  readonly tag?: string[];
}

export function registerPseudonymize(snapshot: Command, host: Host): void {
  const command = snapshot
    .command('pseudonymize')
    .argument('<source>', 'what to make a copy of')
    .summary('make a copy in which everybody is somebody else')
    .description(
      'Makes a copy of a snapshot for places where real people must not be: names, e-mail addresses and ids of users are replaced, always by the same ones in this catalog; password hashes and secrets are taken out, or replaced by one that you give. The copy is marked, is never taken for a backup, and has to be confirmed to get back to where it came from.',
    );
  addPseudonymFlags(command, { optional: false })
    .option('--tag <tag>', 'a word to find it by; may be repeated', collect)
    .addOption(envVarsOption())
    .action((source: string, flags: Flags) =>
      host.runWithEngine(command, 'existing', (io, client) => pseudonymize(io, client, source, flags)),
    );
  examples(
    command,
    [
      'drawbridge snapshot pseudonymize latest:prod/acme --password-env STAGING_PASSWORD',
      'drawbridge plan latest:prod/acme staging --pseudonymize --password-env STAGING_PASSWORD    # in one go',
    ],
    SOURCE_HELP,
  );
}

export async function pseudonymize(
  io: Io,
  client: EngineClient,
  source: string,
  flags: Flags,
): Promise<ExitCode> {
  const snapshot = await pseudonymized(io, client, source, flags, flags.tag ?? []);
  io.result({ snapshot }, () => snapshotLines(snapshot, io));
  return EXIT.done;
}
