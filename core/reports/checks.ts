import type { ApplyResult, JobReport, JobResult } from '../../contract/job.ts';
import { leftOutUnasked } from '../../contract/left-out.ts';
import { failureText } from '../../contract/found-again.ts';
import { counted, integer } from '../../contract/numbers.ts';
import { ACTIONS, type PlanView } from '../../contract/plan.ts';
import { SECTIONS, type Section } from '../../contract/sections.ts';
import type { SnapshotView } from '../../contract/snapshot.ts';
import type { SectionFailures } from './failures-by-section.ts';
import { differencesText } from './differences-text.ts';
import { factsOf } from './facts.ts';
import { applyOf, isRestAsPromised, millisecondsOf } from './job-results.ts';
import { applyFacts } from './result-parts.ts';

/** One thing that a pipeline sees pass or fail. */
export interface Check {
  readonly name: string;
  /** What it is grouped by: `job`, `records`, `verification`, or a realm. */
  readonly group: string;
  readonly milliseconds?: number | undefined;
  readonly failure?: { readonly type: string; readonly message: string; readonly text: string };
  /** Why it was not looked at. */
  readonly skipped?: string;
  /** What there is to tell of it, passed or not. */
  readonly text?: string;
}

/** What of a job passes or fails: the job itself, each section that it wrote, read or compared, and its verification. */
export function checksOf(report: JobReport, failures: readonly SectionFailures[]): Check[] {
  return [jobCheck(report), ...sectionChecks(report, failures), ...verificationChecks(report)];
}

function jobCheck({ job, plan }: JobReport): Check {
  const applied = applyOf(job);
  const texts = [...(plan ? [planText(plan)] : []), ...(applied ? [appliedText(applied)] : [])];
  const check = {
    name: job.title,
    group: 'job',
    milliseconds: millisecondsOf(job),
    ...(texts.length > 0 && { text: texts.join('\n') }),
  };
  const { error, state, written } = job;
  if (error)
    return {
      ...check,
      failure: {
        type: error.code,
        message: error.message,
        text: [error.message, error.notChanged, error.remedy, written?.text ?? '']
          .filter((line) => line !== '')
          .join('\n'),
      },
    };
  if (['queued', 'running', 'canceling'].includes(state))
    return { ...check, skipped: 'The job has not ended yet.' };
  if (state === 'interrupted')
    return {
      ...check,
      failure: {
        type: 'INTERRUPTED',
        message: 'Its process ended without a word.',
        text: written?.text ?? '',
      },
    };
  return check;
}

function planText({ plan, policy }: PlanView): string {
  return [`Plan: ${plan}`, ...factsOf({ policy }).map(([name, value]) => `${name}: ${value}`)].join('\n');
}

function appliedText(applied: ApplyResult): string {
  return [...applyFacts(applied).map(([name, value]) => `${name}: ${value}`), ...applied.todo].join('\n');
}

function sectionChecks(report: JobReport, failures: readonly SectionFailures[]): Check[] {
  const { result } = report.job;
  if (result?.kind === 'backup') return capturedChecks(result.snapshots, failures);
  if (result?.kind === 'import-file')
    return [
      ...capturedChecks(result.snapshots, failures),
      ...result.alreadyThere.map(({ snapshot }) => ({
        name: `snapshot ${snapshot}, there already`,
        group: 'records',
      })),
    ];
  const own = result ? resultChecks(result, report.asked) : undefined;
  return own ?? plannedChecks(report, failures);
}

/** Of a plan: its conflicts fail. Of an apply: the records that could not be written. */
function plannedChecks({ job, plan }: JobReport, failures: readonly SectionFailures[]): Check[] {
  const failed = new Map(failures.map((group) => [group.section, group]));
  const previewed = job.result && 'plan' in job.result ? job.result.plan : undefined;
  const sections = (previewed ?? plan)?.sections ?? {};
  return SECTIONS.flatMap((section): Check[] => {
    const counts = sections[section];
    const group = failed.get(section);
    if (counts === undefined && group === undefined) return [];
    const planned = ACTIONS.filter((action) => (counts?.[action] ?? 0) > 0);
    const numbers = planned.map((action) => `${action} ${integer(counts![action])}`);
    const check = { name: `${section}: ${numbers.join(', ') || 'nothing planned'}`, group: 'records' };
    if (group) return [{ ...check, failure: failureOf(group) }];
    const conflicts = counts?.conflict ?? 0;
    if (previewed && conflicts > 0)
      return [
        {
          ...check,
          failure: {
            type: 'PLAN_BLOCKED',
            message: `${counted(conflicts, 'conflict')} must be settled first.`,
            text: `drawbridge plan … --show conflict lists them, and the flags that settle them.`,
          },
        },
      ];
    const isWritten = planned.some((action) => !['unchanged', 'skip', 'conflict'].includes(action));
    if (!previewed && isWritten && applyOf(job) === undefined)
      return [{ ...check, skipped: 'The job ended before all of these were known to be written.' }];
    return [check];
  });
}

function failureOf({ section, count, first }: SectionFailures): NonNullable<Check['failure']> {
  return {
    type: 'ITEM_FAILURES',
    message: `${counted(count, 'record')} of “${section}” failed.`,
    text: [
      ...first.map(({ key, reason, found }) => `${section}/${key}: ${failureText(reason, found)}`),
      ...(count > first.length ? [`… and ${integer(count - first.length)} more`] : []),
    ].join('\n'),
  };
}

function capturedChecks(snapshots: readonly SnapshotView[], failures: readonly SectionFailures[]): Check[] {
  const read = snapshots.flatMap((snapshot): Check[] => {
    const { realm, counts } = snapshot;
    const failed = new Set(failures.filter((of) => of.realm === realm).map(({ section }) => section));
    const milliseconds = millisecondsOf(snapshot);
    const whole: Check = {
      name: snapshot.complete ? `whole snapshot ${snapshot.id}` : `snapshot ${snapshot.id}, not whole`,
      group: realm,
      milliseconds,
      ...(snapshot.inconsistent !== undefined && {
        failure: {
          type: 'INCONSISTENT',
          message: 'The source told different things about itself.',
          text: snapshot.inconsistent,
        },
      }),
    };
    const sections = SECTIONS.filter(
      (section: Section) => counts[section] !== undefined && !failed.has(section),
    );
    return [
      whole,
      ...sections.map((section) => ({
        name: `${section}: ${integer(counts[section]!)}`,
        group: realm,
      })),
    ];
  });
  const unread = failures.map((group) => ({
    name: `${group.section}: not read`,
    group: group.realm ?? 'records',
    failure: failureOf(group),
  }));
  return [...read, ...unread];
}

/** Of a comparison and of a verified catalog; undefined of other results. */
function resultChecks(result: JobResult, { right }: JobReport['asked']): Check[] | undefined {
  if (result.kind === 'diff') {
    // By what was looked at: the reports of several comparisons may be shown beside each other.
    const group = typeof right === 'string' ? right : 'records';
    const { sections, differences } = result.comparison;
    return SECTIONS.flatMap((section): Check[] => {
      const counts = sections[section];
      if (counts === undefined) return [];
      const check = { name: section, group };
      if (counts.unknown) return [{ ...check, skipped: 'One side does not tell about it.' }];
      const { added, removed, changed } = counts;
      if (added + removed + changed === 0) return [check];
      const shown = differences.filter((of) => of.section === section);
      return [
        {
          ...check,
          failure: {
            type: 'DIFFERENT',
            message: `${integer(added)} added, ${integer(removed)} removed, ${integer(changed)} changed.`,
            text: differencesText(shown, added + removed + changed),
          },
        },
      ];
    });
  }
  if (result.kind !== 'verify') return undefined;
  const { chunks, damaged } = result.report;
  if (damaged.length === 0)
    return [{ name: `every byte of ${counted(chunks, 'chunk')}`, group: 'verification' }];
  return damaged.map(({ snapshot, section, text }) => ({
    name: [snapshot === '' ? 'catalog' : `snapshot ${snapshot}`, section].filter(Boolean).join(' '),
    group: 'verification',
    failure: { type: 'CATALOG_DAMAGED', message: 'Damaged.', text },
  }));
}

function verificationChecks({ job }: JobReport): Check[] {
  const applied = applyOf(job);
  if (!applied) return [];
  return [...leftOutChecks(applied), ...verificationCheck(applied)];
}

/** A seeding that was told to leave out what cannot be written did what it was to do. */
function leftOutChecks(applied: ApplyResult): Check[] {
  const { leftOut } = applied;
  if (!leftOut) return [];
  const check = { name: 'all that the file has is there', group: 'records' };
  const message = `${counted(leftOut.count, 'record')} of the file left out, since this channel cannot write all.`;
  if (leftOutUnasked(applied) === 0) return [{ ...check, skipped: message }];
  const more = leftOut.count - leftOut.first.length;
  const text = [
    ...leftOut.first.map(({ section, key }) => `${section}/${key}`),
    ...(more > 0 ? [`… and ${integer(more)} more`] : []),
  ].join('\n');
  return [{ ...check, failure: { type: 'ITEM_FAILURES', message, text } }];
}

function verificationCheck(applied: ApplyResult): Check[] {
  const check = { name: 'the target, read again, is as promised', group: 'verification' };
  const { status, verified, failures, deviations, deviationCount } = applied;
  if (status === 'exists') return [{ ...check, skipped: 'The realm was there already, and was left alone.' }];
  if (deviationCount > 0)
    return [
      {
        ...check,
        failure: {
          type: 'VERIFICATION_FAILED',
          message: `${counted(deviationCount, 'record')} ${deviationCount === 1 ? 'is' : 'are'} not as promised.`,
          text: deviations
            .map(({ section, key, kind, members }) =>
              `${section}/${key}: ${kind} ${members.join(', ')}`.trim(),
            )
            .join('\n'),
        },
      },
    ];
  if (verified || status === 'nothing-to-do') return [check];
  if (isRestAsPromised(applied))
    return [
      {
        ...check,
        skipped: `Not in ${counted(failures, 'record')} that failed: what could be read of the others is as promised.`,
      },
    ];
  return [{ ...check, skipped: 'The target could not be read again as a whole.' }];
}
