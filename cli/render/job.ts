import { failureText } from '../../contract/found-again.ts';
import type { ErrorView, ItemFailure, JobReport, JobSecrets, JobStep, JobView } from '../../contract/job.ts';
import type { PlanView } from '../../contract/plan.ts';
import { policyWords } from '../commands/policy-flags.ts';
import { shellWord, type Telling } from '../io.ts';
import type { Paint } from '../terminal/paint.ts';
import { progressLine } from '../terminal/progress.ts';
import { applyLines, secretsKeptLines } from './apply.ts';
import { errorLines } from './error.ts';
import { counted, instant } from './numbers.ts';
import { planLines } from './plan.ts';
import { importedLines, snapshotLines } from './snapshot.ts';
import { recordLabel } from './record-label.ts';
import { table, type Cell } from './table.ts';
import { timeTaken } from './time-taken.ts';
import { resumeCommand, undoCommand } from './undo.ts';
import { visible, visibleLines } from './visible.ts';

export function jobListLines(jobs: readonly JobView[], io: Pick<Telling, 'paint' | 'self'>): string[] {
  const { paint } = io;
  if (jobs.length === 0) return ['There are no jobs.'];
  const resumable = jobs.filter((job) => job.resumable);
  const plans = jobs.some((job) => planOf(job) !== undefined);
  const lines = table(
    [
      { title: 'Job' },
      { title: 'State' },
      { title: 'Begun' },
      { title: 'Took', align: 'right' },
      ...(plans ? [{ title: 'Plan' }] : []),
      { title: 'What', limit: 70 },
    ],
    jobs.map((job): Cell[] => [
      { text: job.id, paint: paint.bold },
      stateCell(job, paint),
      instant(job.startedAt ?? job.createdAt),
      timeTaken(job),
      ...(plans ? [planOf(job) ?? ''] : []),
      job.title,
    ]),
  );
  if (resumable.length === 0) return lines;
  const [first] = resumable as [JobView];
  return [
    ...lines,
    '',
    resumable.length === 1
      ? `To go on with the one that was broken off: ${resumeCommand(io, first.id)}`
      : `${counted(resumable.length, 'job')} can be gone on with where they stopped, for example: ${resumeCommand(io, first.id)}`,
  ];
}

/** The plan that a job made or carried out. */
function planOf({ result }: JobView): string | undefined {
  if (result?.kind === 'apply' || result?.kind === 'seed') return result.result.plan;
  return result && 'plan' in result ? result.plan.plan : undefined;
}

const STATE_TINTS: Partial<Readonly<Record<JobView['state'], 'green' | 'yellow' | 'red' | 'cyan'>>> = {
  running: 'cyan',
  succeeded: 'green',
  succeeded_with_errors: 'yellow',
  interrupted: 'yellow',
  failed: 'red',
};

/** What became of what a job wrote says more than how its process ended. */
function stateCell({ state, written, undoneBy }: JobView, paint: Paint): Cell {
  if (undoneBy !== undefined) return { text: 'undone', paint: paint.dim };
  if (written?.state === 'part') return { text: 'HALF WRITTEN', paint: paint.red };
  const tint = STATE_TINTS[state];
  const text = state.replaceAll('_', ' ');
  return tint === undefined ? text : { text, paint: paint[tint] };
}

const BROKEN_OFF =
  'Its process ended without a word: it was killed, or the computer stopped. How far it came is what its steps say.';

/**
 * @param ending.undo the command that undoes it, if there is anything to undo
 * @param ending.error why it did not end well, where that is known
 * @param ending.exitCode with what the command ended that ran it
 */
export function jobLines(
  job: JobView,
  io: Telling,
  {
    undo,
    error = job.error,
    exitCode,
  }: { undo?: string | undefined; error?: ErrorView | undefined; exitCode?: number | undefined } = {},
): string[] {
  const plan = planOf(job);
  const facts: [string, Cell][] = [
    ['What', job.title],
    ...(plan === undefined ? [] : [['Plan', plan] as [string, Cell]]),
    ['State', stateCell(job, io.paint)],
    ...(job.attempts > 1 ? [['Attempts', String(job.attempts)] as [string, Cell]] : []),
    ['Begun', instant(job.startedAt ?? job.createdAt)],
    ...(job.finishedAt === undefined
      ? []
      : [
          [
            'Ended',
            `${instant(job.finishedAt)}${timeTaken(job) === '' ? '' : `, after ${timeTaken(job)}`}`,
          ] as [string, Cell],
        ]),
    ...(exitCode === undefined ? [] : [['Exit code', String(exitCode)] as [string, Cell]]),
    ...(job.undoneBy === undefined ? [] : [['Undone', `by job ${job.undoneBy}`] as [string, Cell]]),
  ];
  return [
    `Job ${io.paint.bold(visible(job.id))}`,
    ...table([{ title: '' }, { title: '' }], facts, '  '),
    ...(job.progress && job.finishedAt === undefined ? [`  ${progressLine(job.progress)}`] : []),
    ...(error ? errorLines(error, io) : []),
    ...(job.state === 'interrupted' && !error ? [BROKEN_OFF] : []),
    ...writtenLines(job, io.paint),
    ...issuedLines(job, io),
    ...(job.resumable ? [`To go on where it stopped: ${resumeCommand(io, job.id)}`] : []),
    ...(undo === undefined ? [] : [`To undo what it wrote: ${undo}`]),
  ];
}

const OUTCOMES = { committed: 'written', aborted: 'not written', unknown: 'not known' } as const;

/** Which databases a job was written to, where that was asked. */
function writtenLines({ written }: JobView, paint: Paint): string[] {
  if (written === undefined) return [];
  return [
    `${written.state === 'part' ? `${paint.red('Half written:')} ` : ''}${visibleLines(written.text)}`,
    ...table(
      [{ title: '' }, { title: '' }, { title: '' }],
      written.databases.map(({ place, services, outcome }) => [
        place,
        services.join(', '),
        OUTCOMES[outcome],
      ]),
      '  ',
    ),
  ];
}

/** Which record stands there under which key of the server's. */
function issuedLines({ id, issued = [], secretsKept = 0 }: JobView, io: Telling): string[] {
  if (issued.length === 0) return [];
  return [
    `The server gave ${counted(issued.length, 'client a new id', 'clients new ids')}:`,
    ...table(
      [{ title: 'Of the source' }, { title: 'On the target' }],
      issued.map((of) => [of.key, of.issued]),
      '  ',
    ),
    ...secretsKeptLines(id, secretsKept, io),
  ];
}

/** New secrets, the only time that they are shown. */
export function secretLines(secrets: JobSecrets['secrets'], paint: Paint): string[] {
  if (secrets.length === 0)
    return ['There are no secrets to show: none were issued, or they were shown before.'];
  return [
    ...table(
      [{ title: 'Of the source' }, { title: 'On the target' }, { title: 'Secret' }],
      secrets.map(({ key, issued, secret }): Cell[] => [key, issued, { text: secret, paint: paint.bold }]),
    ),
    '',
    'They are forgotten now: keep them where the applications find them. A lost one can only be replaced, on the server.',
  ];
}

/** The report for reading, up to the number of its steps: these and what failed may be long, and come after it. */
export function reportLines({ job, plan, steps, stepCount }: JobReport, io: Telling): string[] {
  const { result } = job;
  const applied = result?.kind === 'apply' || result?.kind === 'seed' ? result.result : undefined;
  const undo = undoCommand(io, job, steps);
  return [
    ...jobLines(job, io, { undo: applied ? undefined : undo }),
    ...(plan ? ['', ...planLines(plan, io.paint), policyLine(plan)] : []),
    ...(applied ? ['', ...applyLines(job.id, applied, io, { undo, inReport: true })] : []),
    ...broughtLines(job, io),
    ...(stepCount === 0 ? [] : ['', `${counted(stepCount, 'step')}:`]),
  ];
}

/** As it is typed: what is left to its default is not named. */
function policyLine({ policy }: PlanView): string {
  const words = policyWords(policy).map(shellWord).join(' ');
  return `Policy: ${visible(words === '' ? 'all by default' : `${words}, all else by default`)}`;
}

/** What came into the catalog. */
function broughtLines({ result }: JobView, io: Telling): string[] {
  if (result?.kind === 'backup')
    return result.snapshots.flatMap((snapshot) => ['', ...snapshotLines(snapshot, io)]);
  if (result?.kind === 'pseudonymize') return ['', ...snapshotLines(result.snapshot, io)];
  return result?.kind === 'import-file' ? ['', ...importedLines(result, io)] : [];
}

export function stepLines(steps: readonly JobStep[]): string[] {
  return steps.map(
    ({ startedAt, outcome, label }) =>
      `  ${instant(startedAt)}  ${outcome.padEnd('unknown'.length)}  ${visible(label)}`,
  );
}

export function failureHead(count: number, paint: Paint): string {
  return `${paint.red(counted(count, 'record'))} failed:`;
}

export function failureLines(failures: readonly ItemFailure[]): string[] {
  return failures.map(
    ({ section, key, reason, found }) =>
      `  ${recordLabel(section, key)}: ${visibleLines(failureText(reason, found))}`,
  );
}
