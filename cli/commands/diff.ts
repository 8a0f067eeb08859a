import { Option, type Command } from 'commander';
import { AppError } from '../../contract/errors.ts';
import type { Section } from '../../contract/sections.ts';
import { isFileSource } from '../../contract/source-form.ts';
import type { Kept } from '../../core/engine/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { keptFiles } from '../kept-files.ts';
import { runJob } from '../jobs/run-job.ts';
import { comparisonLines } from '../render/comparison.ts';
import { quoted } from '../render/visible.ts';
import { sectionsOption, wholeNumber } from './arguments.ts';
import {
  addDirect,
  addDirectFlags,
  directNeed,
  DIRECT_HELP,
  isDirect,
  type DirectFlags,
} from './direct-environment.ts';
import { envVarsOption, type FileFlags } from './env-vars.ts';
import { examples, SOURCE_HELP } from './examples.ts';
import { environmentOfSource, warnOfInsecureTls } from './insecure-tls.ts';
import { junitOption, withJunit } from './junit-file.ts';

interface DiffFlags extends DirectFlags, FileFlags {
  readonly sections?: Section[];
  readonly limit: number;
  readonly declaredOnly?: boolean;
  readonly whole?: boolean;
  readonly includeExtra?: boolean;
  readonly junit?: string;
}

export function registerDiff(program: Command, host: Host): void {
  const diff = program
    .command('diff')
    .argument('<left>', 'a source: the older one, or the target')
    .argument('<right>', 'a source: the newer one')
    .summary('what differs between two sources')
    .description(
      'Compares two sources record by record. The exit code is 0 if nothing differs and 3 if something does, with --exit-code and without. Where a file is held against a realm as it is now, only what the file declares is compared, unless --whole is given. Ids and timestamps are left out; what one side cannot know is unknown, not different.',
    )
    .addOption(sectionsOption('only these sections'))
    .option('--limit <n>', 'how many differences to show', wholeNumber(0, 10_000), 100)
    .option(
      '--declared-only',
      'compare only what the left side declares: its records, and of these the members that it has; so it is anyway where a file is held against a realm as it is now',
    )
    .addOption(
      new Option(
        '--whole',
        'compare everything also where a file is held against a realm as it is now',
      ).conflicts(['declaredOnly', 'includeExtra']),
    )
    .option(
      '--include-extra',
      'where only what is declared counts, also records that only the right side has, in sections that the left side has',
    )
    .option(
      '--exit-code',
      'changes nothing: diff exits with 3 anyway if anything differs. For pipelines that spell it out, as with plan',
    )
    .addOption(envVarsOption())
    .addOption(junitOption())
    .action((left: string, right: string, flags: DiffFlags) =>
      host.runWithEngine(diff, directNeed(diff, flags, 'existing'), (io, client) =>
        compare(io, client, left, right, {
          ...flags,
          kept: keptFiles(diff, host.surroundings, filesAmong(left, right)),
        }),
      ),
    );
  addDirectFlags(diff);
  examples(
    diff,
    [
      'drawbridge diff latest:dev/acme dev/acme        # what changed since the last backup',
      'drawbridge diff prod/acme ./acme.json --sections users,roles',
      'drawbridge diff 1m8mc91h 1m8ms40x --json',
      'drawbridge diff ./realm-seed.json prod/acme --env-vars --junit drift.xml    # is it as the file says?',
      'drawbridge diff ./acme.json prod/acme --whole',
    ],
    SOURCE_HELP,
    DIRECT_HELP,
  );
}

export async function compare(
  io: Io,
  client: EngineClient,
  left: string,
  right: string,
  flags: DiffFlags & { readonly kept: Kept },
): Promise<ExitCode> {
  const { sections, limit, envVars = false, whole = false, includeExtra = false } = flags;
  const live = [environmentOfSource(left), environmentOfSource(right)];
  // Whoever holds a file against a realm asks whether the realm is as the file says: what it does not say is no drift.
  const byDefault = !whole && isFileSource(left) && live[1] !== undefined;
  const declaredOnly = flags.declaredOnly === true || byDefault;
  if (includeExtra && !declaredOnly) throw extraOfWhat();
  const report = {
    path: flags.junit,
    kept: flags.kept,
    kind: 'diff',
    title: `Compare ${left} and ${right}`,
  } as const;
  return withJunit(io, client, report, async (tell) => {
    if (isDirect(flags)) await addDirect(io, client, liveOne(live), flags);
    await warnOfInsecureTls(io, client, live);
    const { id, result } = await runJob(io, client, {
      kind: 'diff',
      left,
      right,
      limit,
      variables: envVars,
      ...(sections === undefined ? {} : { sections }),
      ...(declaredOnly ? { declaredOnly: { extra: includeExtra } } : {}),
    });
    const { comparison } = result;
    tell(id);
    if (byDefault && !flags.declaredOnly)
      io.note(
        `Only what ${quoted(left)} declares was compared${includeExtra ? '' : ': records that only the realm has do not count'}. To compare everything: --whole.`,
      );
    io.result(comparison, () => comparisonLines(comparison, { left, right }, io.paint));
    return comparison.equal ? EXIT.done : EXIT.different;
  });
}

/** Sources that may be files; ids of snapshots are none. */
function filesAmong(...sources: readonly string[]): string[] {
  return sources.filter((source) => /[./\\]/.test(source));
}

/** The environment that the command line describes is the one that a side is read from. */
function liveOne(live: readonly (string | undefined)[]): string {
  const names = new Set(live.filter((name) => name !== undefined));
  const [name] = names;
  if (name !== undefined && names.size === 1) return name;
  throw new AppError(
    'USAGE',
    names.size === 0
      ? 'An environment is described, but neither side is read from it.'
      : 'One environment is described, but the two sides are read from two.',
    {
      notChanged: 'Nothing was read.',
      remedy: 'Name the realm behind any name for the environment, such as target/acme.',
    },
  );
}

function extraOfWhat(): AppError {
  return new AppError('USAGE', '--include-extra adds to --declared-only, which is not given.', {
    notChanged: 'Nothing was read.',
    remedy: 'Give --declared-only as well, or leave it out: without it, such records count anyway.',
  });
}
