import { Option, type Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runJob } from '../jobs/run-job.ts';
import { keptFiles, refuseKeptFile } from '../kept-files.ts';
import { bytes, counted, listed } from '../render/numbers.ts';
import { quoted, visibleLines } from '../render/visible.ts';
import { closingKeys, type ClosingFlags } from './archive-keys.ts';
import { collect, namedSnapshot } from './arguments.ts';
import { isStandardOutput, requireStandardOutput, tellWritten } from './standard-output.ts';
import { examples } from './examples.ts';
import { addPseudonymFlags, perhapsPseudonymized, type PseudonymFlags } from './pseudonym-flags.ts';

const FORMATS = ['opengate', 'users', 'roles', 'clients', 'archive'] as const;

interface ExportFlags extends ClosingFlags, PseudonymFlags {
  readonly out: string;
  readonly format: (typeof FORMATS)[number];
  readonly includeSecrets?: boolean;
  readonly replace?: boolean;
  /** False with `--no-credentials`. */
  readonly credentials: boolean;
}

export function registerExport(snapshot: Command, host: Host): void {
  const toFile = snapshot
    .command('export')
    .argument('<snapshot...>', 'id, the beginning of one, or latest:<env>/<realm>; several for an archive')
    .summary('write a snapshot as an OpenGate document, or snapshots as an archive')
    .description(
      'Writes a snapshot into a file that OpenGate’s import accepts: the whole realm, or its users, roles or clients. Or, as an archive, one or more snapshots with all that is known of them into one encrypted file, which opens without Drawbridge too: age -d | zstd -d | tar x.',
    )
    .requiredOption('--out <file>', 'the file to write (only its owner may read it); - for standard output')
    .addOption(new Option('--format <format>', 'what to write').choices(FORMATS).default('opengate'))
    .option(
      '--include-secrets',
      'documents: also write the secrets, password hashes and hashes of client secrets that the snapshot knows',
    )
    .option(
      '--recipient <recipient>',
      'archive: encrypt it for this recipient of age (age1…); may be repeated',
      collect,
    )
    .option(
      '--passphrase-env <variable>',
      'archive: environment variable that holds the passphrase to encrypt it with',
    )
    .option('--passphrase-file <file>', 'archive: file that holds it')
    .option('--unencrypted', 'archive: do not encrypt it')
    .option(
      '--no-credentials',
      'archive: leave out password hashes, hashes of client secrets, and every other secret',
    )
    .option('--replace', 'replace the file if it is there');
  addPseudonymFlags(toFile, { optional: true }).action((names: string[], flags: ExportFlags) =>
    host.runWithEngine(toFile, 'existing', async (io, client) => {
      await refuseKeptFile(flags.out, keptFiles(toFile, host.surroundings));
      return flags.format === 'archive'
        ? exportArchive(io, client, names, flags)
        : exportSnapshot(io, client, names, { ...flags, format: flags.format });
    }),
  );
  examples(toFile, [
    'drawbridge snapshot export latest:dev/acme --out acme.json',
    'drawbridge snapshot export latest:dev/acme --out - | jq .realm',
    'drawbridge snapshot export 1m8mc91h --format users --out acme-users.json --replace',
    'drawbridge snapshot export latest:prod/acme latest:prod/shop --format archive --recipient age1… --out prod.tar.zst.age',
  ]);
}

export async function exportSnapshot(
  io: Io,
  client: EngineClient,
  [name, ...others]: readonly string[],
  flags: ExportFlags & { readonly format: Exclude<ExportFlags['format'], 'archive'> },
): Promise<ExitCode> {
  refuseFlags(flags);
  if (isStandardOutput(flags.out)) requireStandardOutput(io, { binary: false, replace: flags.replace });
  if (name === undefined || others.length > 0)
    throw new AppError('USAGE', 'A document holds one snapshot; several were named.', {
      notChanged: 'No file was written.',
      remedy: 'Name one, or write them as an archive: --format archive.',
    });
  const { from: id } = await perhapsPseudonymized(io, client, (await namedSnapshot(client, name)).id, flags);
  if (flags.includeSecrets)
    io.warn(
      `${named(flags.out)} will hold secrets in plain text and password hashes, as far as the snapshot has them.`,
    );
  const { result } = await runJob(io, client, {
    kind: 'export-file',
    snapshot: id,
    path: flags.out,
    format: flags.format,
    includeSecrets: flags.includeSecrets === true,
    replace: flags.replace === true,
  });
  const document = { snapshot: id, path: result.path, bytes: result.bytes, notes: result.notes };
  tellWritten(io, flags.out, document, () => [
    `Wrote ${toWhere(result.path)} (${bytes(result.bytes)}).`,
    ...result.notes.map((note) => `  ${visibleLines(note)}`),
  ]);
  return EXIT.done;
}

function named(path: string): string {
  return isStandardOutput(path) ? 'Standard output' : quoted(path);
}

function toWhere(path: string): string {
  return isStandardOutput(path) ? 'to standard output' : quoted(path);
}

/** What belongs to an archive must not be given in vain: somebody may count on it. */
function refuseFlags(flags: ExportFlags): void {
  const given = [
    ...(flags.recipient === undefined ? [] : ['--recipient']),
    ...(flags.passphraseEnv === undefined ? [] : ['--passphrase-env']),
    ...(flags.passphraseFile === undefined ? [] : ['--passphrase-file']),
    ...(flags.unencrypted ? ['--unencrypted'] : []),
    ...(flags.credentials ? [] : ['--no-credentials']),
  ];
  if (given.length === 0) return;
  throw new AppError(
    'USAGE',
    `${listed(given, 'and')} go with --format archive only: documents are not encrypted.`,
    {
      notChanged: 'No file was written.',
      remedy: 'Add --format archive, or leave that out. A document has secrets only with --include-secrets.',
    },
  );
}

/** What an archive of these snapshots would show. A pseudonymised copy has no people, and no secrets but those it was given. */
async function toBeGuarded(
  client: EngineClient,
  ids: readonly string[],
  credentials: boolean,
): Promise<string[]> {
  const snapshots = [];
  for (const snapshot of ids) snapshots.push(await client.snapshots.get({ snapshot }));
  const isReal = snapshots.some(({ pseudonymized }) => !pseudonymized);
  const isGiven = snapshots.some(({ pseudonymized }) => pseudonymized?.clientSecrets === 'replaced');
  const hasHashes = snapshots.some(({ counts }) => (counts.credentials ?? 0) > 0);
  return [
    ...(isReal ? ['personal data'] : []),
    ...(credentials && hasHashes ? ['password hashes'] : []),
    ...(credentials && isReal ? ['secrets'] : []),
    ...(credentials && !isReal && isGiven ? ['the hash of a client secret'] : []),
  ];
}

export async function exportArchive(
  io: Io,
  client: EngineClient,
  names: readonly string[],
  flags: ExportFlags,
): Promise<ExitCode> {
  if (flags.includeSecrets)
    throw new AppError('USAGE', 'An archive holds the secrets anyway; --include-secrets is for documents.', {
      notChanged: 'No file was written.',
      remedy: 'Leave it out; --no-credentials keeps them out of an archive.',
    });
  if (isStandardOutput(flags.out)) requireStandardOutput(io, { binary: true, replace: flags.replace });
  const keys = await closingKeys(io, flags);
  const ids: string[] = [];
  for (const name of names)
    ids.push((await perhapsPseudonymized(io, client, (await namedSnapshot(client, name)).id, flags)).from);
  const exposed = keys === 'none' ? await toBeGuarded(client, ids, flags.credentials) : [];
  if (exposed.length > 0)
    io.warn(
      `${named(flags.out)} will not be encrypted: it holds ${listed(exposed, 'and')} for whoever can read it.`,
    );
  const { result } = await runJob(io, client, {
    kind: 'export-archive',
    snapshots: ids,
    path: flags.out,
    credentials: flags.credentials,
    replace: flags.replace === true,
    keys,
  });
  const { kind: _, ...document } = result;
  tellWritten(io, flags.out, { snapshot: result.snapshots[0], ...document }, () => [
    `Wrote ${toWhere(result.path)} (${bytes(result.bytes)}): ${counted(result.snapshots.length, 'snapshot')}, ${result.encrypted ? 'encrypted' : io.paint.yellow('not encrypted')}.`,
    ...result.notes.map((note) => `  ${visibleLines(note)}`),
    `  To open it without Drawbridge: ${result.encrypted ? `age -d${'recipients' in (keys as object) ? ' -i <identity file>' : ''} <file> | zstd -d | tar x` : 'zstd -d < <file> | tar x'}`,
  ]);
  return EXIT.done;
}
