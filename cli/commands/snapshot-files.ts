import { Option, type Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runJob } from '../jobs/run-job.ts';
import { bytes, counted } from '../render/numbers.ts';
import { snapshotLines } from '../render/snapshot.ts';
import { quoted, visible, visibleLines } from '../render/visible.ts';
import { collect, namedSnapshot } from './arguments.ts';
import { envVarsOption, type FileFlags } from './env-vars.ts';
import { examples } from './examples.ts';

const FORMATS = ['opengate', 'users', 'roles', 'clients'] as const;

interface ExportFlags {
  readonly out: string;
  readonly format: (typeof FORMATS)[number];
  readonly includeSecrets?: boolean;
  readonly replace?: boolean;
}

interface ImportFlags extends FileFlags {
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

  const toFile = snapshot
    .command('export')
    .argument('<snapshot>', 'id, the beginning of one, or latest:<env>/<realm>')
    .summary('write a snapshot as an OpenGate export document')
    .description(
      'Writes a snapshot into a file that OpenGate’s import accepts: the whole realm, or its users, roles or clients.',
    )
    .requiredOption('--out <file>', 'the file to write (only its owner may read it)')
    .addOption(new Option('--format <format>', 'what to write').choices(FORMATS).default('opengate'))
    .option(
      '--include-secrets',
      'also write the secrets, password hashes and hashes of client secrets that the snapshot knows',
    )
    .option('--replace', 'replace the file if it is there')
    .action((name: string, flags: ExportFlags) =>
      host.runWithEngine(toFile, 'existing', (io, client) => exportSnapshot(io, client, name, flags)),
    );
  examples(toFile, [
    'drawbridge snapshot export latest:dev/acme --out acme.json',
    'drawbridge snapshot export 3f9c2a --format users --out acme-users.json --replace',
  ]);

  const fromFile = snapshot
    .command('import')
    .argument('<file>', 'an OpenGate export document')
    .summary('read an OpenGate export document into the catalog')
    .description(
      'Reads an export document of any size (the whole realm, or its users, roles or clients) into the catalog. What is wrong with it is told with line, column and path.',
    )
    .option('--tag <tag>', 'a word to find it by; may be repeated', collect)
    .addOption(envVarsOption())
    .action((file: string, flags: ImportFlags) =>
      host.runWithEngine(fromFile, 'create', (io, client) => importFile(io, client, file, flags)),
    );
  examples(fromFile, ['drawbridge snapshot import ./my-realm-export.json --tag from-support']);
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

export async function exportSnapshot(
  io: Io,
  client: EngineClient,
  name: string,
  flags: ExportFlags,
): Promise<ExitCode> {
  const { id } = await namedSnapshot(client, name);
  if (flags.includeSecrets)
    io.warn(
      `${quoted(flags.out)} will hold secrets in plain text and password hashes, as far as the snapshot has them.`,
    );
  const { result } = await runJob(io, client, {
    kind: 'export-file',
    snapshot: id,
    path: flags.out,
    format: flags.format,
    includeSecrets: flags.includeSecrets === true,
    replace: flags.replace === true,
  });
  io.result({ snapshot: id, path: result.path, bytes: result.bytes, notes: result.notes }, () => [
    `Wrote ${quoted(result.path)} (${bytes(result.bytes)}).`,
    ...result.notes.map((note) => `  ${visibleLines(note)}`),
  ]);
  return EXIT.done;
}

export async function importFile(
  io: Io,
  client: EngineClient,
  path: string,
  { tag = [], envVars = false }: ImportFlags,
): Promise<ExitCode> {
  const { result } = await runJob(io, client, { kind: 'import-file', path, tags: tag, variables: envVars });
  io.result({ snapshot: result.snapshot }, () => snapshotLines(result.snapshot, io));
  return EXIT.done;
}
