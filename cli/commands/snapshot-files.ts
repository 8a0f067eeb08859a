import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runJob } from '../jobs/run-job.ts';
import { bytes, counted } from '../render/numbers.ts';
import { importedLines } from '../render/snapshot.ts';
import { visible, visibleLines } from '../render/visible.ts';
import { collect, namedSnapshot } from './arguments.ts';
import { namingKeyFlags, openingKeys, type OpeningFlags } from './archive-keys.ts';
import { envVarsOption, type FileFlags } from './env-vars.ts';
import { examples } from './examples.ts';
import { registerPseudonymize } from './snapshot-pseudonymize.ts';
import { registerExport } from './snapshot-export.ts';

interface ImportFlags extends OpeningFlags, FileFlags {
  readonly tag?: string[];
}

/** Proving snapshots, and moving them out to files and in from them. */
export function registerSnapshotFiles(snapshot: Command, host: Host): void {
  const verify = snapshot
    .command('verify')
    .argument('[snapshot]', 'one snapshot; without it, all')
    .summary('prove every byte')
    .description(
      'Reads every byte of one snapshot or of all, decrypts it and holds it against its hashes and counts. The exit code is 8 if anything is damaged.',
    )
    .action((name: string | undefined) =>
      host.runWithEngine(verify, 'existing', (io, client) => verifySnapshots(io, client, name)),
    );
  examples(verify, ['drawbridge snapshot verify', 'drawbridge snapshot verify latest:prod/acme']);

  registerExport(snapshot, host);
  registerPseudonymize(snapshot, host);

  const fromFile = snapshot
    .command('import')
    .argument('<file>', 'an OpenGate export document, or an archive')
    .summary('read a document or an archive into the catalog')
    .description(
      'Reads an export document of any size (the whole realm, or its users, roles or clients) into the catalog; or an archive, of which nothing is stored unless all of it is proved. What is wrong with a document is told with line, column and path.',
    )
    .option('--tag <tag>', 'a word to find it by; may be repeated', collect)
    .addOption(envVarsOption())
    .option('--passphrase-env <variable>', 'environment variable that holds the passphrase of an archive')
    .option('--passphrase-file <file>', 'file that holds it')
    .option(
      '--identity-file <file>',
      'file with the age identities that open an archive (AGE-SECRET-KEY-1…), as age-keygen writes it',
    )
    .action((file: string, flags: ImportFlags) =>
      host.runWithEngine(fromFile, 'create', (io, client) => importFile(io, client, file, flags)),
    );
  examples(fromFile, [
    'drawbridge snapshot import ./my-realm-export.json --tag from-support',
    'drawbridge snapshot import ./acme.tar.zst.age --identity-file ~/key.txt',
  ]);
}

export async function verifySnapshots(
  io: Io,
  client: EngineClient,
  name: string | undefined,
): Promise<ExitCode> {
  const snapshot = name === undefined ? undefined : (await namedSnapshot(client, name)).id;
  const { result } = await runJob(io, client, {
    kind: 'verify',
    ...(snapshot === undefined ? {} : { snapshot }),
  });
  const { report } = result;
  const whole = report.damaged.length === 0;
  io.result(report, () => [
    `${whole ? io.paint.green('Whole:') : io.paint.red('Damaged:')} ${counted(report.snapshots, 'snapshot')} in ${counted(report.chunks, 'chunk')}, ${bytes(report.bytes)} read and held against their hashes.`,
    ...report.damaged.map(
      ({ snapshot, section, text }) =>
        `  ${io.paint.red('✗')} ${snapshot === '' ? '' : `${visible(snapshot)}${section === undefined ? '' : ` ${section}`}: `}${visibleLines(text)}`,
    ),
    ...(whole
      ? []
      : [
          'What to do: take a new backup of the realms named: it stores anew what is damaged and has not changed since,',
          '  and heals what shares it. Then verify again; what is still damaged can only come from a copy of the catalog.',
        ]),
  ]);
  return whole ? EXIT.done : EXIT.catalog;
}

export async function importFile(
  io: Io,
  client: EngineClient,
  path: string,
  flags: ImportFlags,
): Promise<ExitCode> {
  const keys = await openingKeys(io, flags);
  const { result } = await runJob(io, client, {
    kind: 'import-file',
    path,
    tags: flags.tag ?? [],
    variables: flags.envVars === true,
    ...(keys && { keys }),
  }).catch((error: unknown) => {
    throw namingKeyFlags(error);
  });
  const { kind: _, ...document } = result;
  io.result(document, () => importedLines(result, io));
  return EXIT.done;
}
