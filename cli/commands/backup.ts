import type { Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { JobReport } from '../../contract/job.ts';
import type { Section } from '../../contract/sections.ts';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { runJob, type FinishedJob } from '../jobs/run-job.ts';
import { errorDocument } from '../render/error.ts';
import { listed } from '../render/numbers.ts';
import { snapshotLines } from '../render/snapshot.ts';
import { collect, sectionsOption } from './arguments.ts';
import { examples } from './examples.ts';
import { warnOfInsecureTls } from './insecure-tls.ts';

interface BackupFlags {
  readonly all?: boolean;
  readonly sections?: Section[];
  /** False with `--no-credentials`. */
  readonly credentials: boolean;
  readonly tag?: string[];
  readonly note?: string;
}

export function registerBackup(program: Command, host: Host): void {
  const backup = program
    .command('backup')
    .argument('<env>', 'an environment')
    .argument('[realm...]', 'its realms; or --all')
    .summary('capture realms into the catalog')
    .description(
      'Captures realms into the catalog, each as a snapshot: encrypted, and stored as what changed since the one before. The environment is only read. What could not be read of a realm makes it end with exit code 7; the rest is kept.',
    )
    .option('--all', 'every realm of the environment')
    .addOption(sectionsOption('only these sections; such a snapshot is not a whole backup'))
    .option(
      '--no-credentials',
      'leave out password hashes and the hashes of client secrets; such a snapshot is not a whole backup',
    )
    .option('--tag <tag>', 'a word to find it by; may be repeated', collect)
    .option('--note <text>', 'a sentence to remember it by')
    .action((environment: string, realms: string[], flags: BackupFlags) =>
      host.runWithEngine(backup, 'existing', (io, client) => backUp(io, client, environment, realms, flags)),
    );
  examples(backup, [
    'drawbridge backup dev acme',
    'drawbridge backup prod --all --tag nightly --quiet',
    'drawbridge backup prod acme shop --note "before the release"',
    'drawbridge backup prod acme --no-credentials --tag for-support',
  ]);
}

export async function backUp(
  io: Io,
  client: EngineClient,
  environment: string,
  realms: readonly string[],
  flags: BackupFlags,
): Promise<ExitCode> {
  if (realms.length > 0 === (flags.all === true)) throw whichRealms(realms);
  await warnOfInsecureTls(io, client, [environment]);
  const ended = await runJob(io, client, {
    kind: 'backup',
    environment,
    ...(flags.all ? {} : { realms: [...realms] }),
    ...(flags.sections === undefined ? {} : { sections: flags.sections }),
    credentials: flags.credentials,
    tags: flags.tag ?? [],
    ...(flags.note === undefined ? {} : { note: flags.note }),
  });
  return reportBackup(io, client, ended);
}

/** Shows what a backup came to. */
export async function reportBackup(
  io: Io,
  client: EngineClient,
  { id, result, withErrors }: FinishedJob<'backup'>,
): Promise<ExitCode> {
  const error = withErrors ? notAllOfIt(io, await client.jobs.report({ job: id })) : undefined;
  io.result({ job: id, snapshots: result.snapshots, ...(error ? errorDocument(error) : {}) }, () =>
    result.snapshots.flatMap((snapshot) => snapshotLines(snapshot, io)),
  );
  if (error === undefined) return EXIT.done;
  io.failure(error);
  return exitCodeOf(error.code);
}

/** Why a backup that ran to its end is an error all the same. */
export function notAllOfIt(io: Io, { job, failures, failureCount }: JobReport): AppError {
  const sections = Map.groupBy(failures, ({ key, reason }) => JSON.stringify([key, reason]));
  const reasons = [...sections.values()].map((same) => {
    const [{ key, reason }] = same as [JobReport['failures'][number]];
    const what = same.map(({ section }) => section);
    return `\n  ${what.includes('realm') ? `realm ${key}` : `${listed(what, 'and')} of ${key}`}: ${reason}`;
  });
  const more = reasons.length > MOST_TOLD ? '\n  …' : '';
  return new AppError(
    'ITEM_FAILURES',
    `Not everything could be read:${reasons.slice(0, MOST_TOLD).join('')}${more}`,
    {
      notChanged: 'What could be read is kept.',
      remedy: `Put that right, then try those again: ${io.self} job retry ${job.id}. All that could not be read: ${io.self} job report ${job.id}`,
      details: { job: job.id, failures: failureCount },
    },
  );
}

const MOST_TOLD = 10;

function whichRealms(realms: readonly string[]): AppError {
  return new AppError(
    'USAGE',
    realms.length > 0 ? 'Realms are named, and --all is given as well.' : 'No realm is named.',
    {
      notChanged: 'Nothing was captured.',
      remedy: 'Name the realms to back up, or give --all for every one.',
    },
  );
}
