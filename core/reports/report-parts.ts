import type { ApplyResult, JobReport, JobView } from '../../contract/job.ts';
import { failureText } from '../../contract/found-again.ts';
import { counted, integer, seconds } from '../../contract/numbers.ts';
import { ACTIONS, type PlanView } from '../../contract/plan.ts';
import type { ReportItem } from '../../contract/report.ts';
import { SECTIONS } from '../../contract/sections.ts';
import { factsOf, type Fact } from './facts.ts';
import { applyOf, isRestAsPromised, millisecondsOf } from './job-results.ts';
import { listedItems } from './listed-items.ts';
import type { Cell, Part, TintedCell } from './part.ts';
import { limited } from './limited.ts';
import type { ReportSource } from './report-source.ts';
import { resultParts } from './result-parts.ts';

/** As many rows as a page that is to be read, or printed, can hold; CSV and JSON have all of them. */
const MOST_ROWS = 2000;

/** A job’s report in the order in which a person reads it: what to do, what went wrong, and then everything else. */
export function reportParts(source: ReportSource): Part[] {
  const { report } = source;
  const { job, plan, asked } = report;
  return [
    todoPart(job),
    ...errorParts(job),
    ...resultParts(job),
    ...verifiedParts(job),
    ...failureParts(source),
    issuedPart(job),
    { title: 'What was asked', facts: factsOf(asked) },
    ...previewParts(previewOf(report) ?? plan),
    ...itemParts(source),
    ...stepParts(source),
  ];
}

/** A plan that this job made; one that it applied stands beside it. */
function previewOf({ job: { result } }: JobReport): PlanView | undefined {
  return result && 'plan' in result ? result.plan : undefined;
}

function todoPart(job: JobView): Part {
  const { error, written, secretsKept = 0 } = job;
  return {
    title: 'What a person must do now',
    tint: 'warning',
    list: [
      ...(error?.remedy ? [error.remedy] : []),
      ...(applyOf(job)?.todo ?? []),
      ...(secretsKept > 0
        ? [
            `${counted(secretsKept, 'new client secret')} ${secretsKept === 1 ? 'is' : 'are'} kept with this job until told to be forgotten, and must be brought to where the applications find them. The window shows them under Jobs; the command shows them and then forgets them: drawbridge job secrets ${job.id}`,
          ]
        : []),
      ...(written?.state === 'part' && job.undoneBy === undefined && !error
        ? [`The realm is half written. To undo that: drawbridge rollback ${job.id}`]
        : []),
    ],
  };
}

function errorParts({ error, state, written, undoneBy, safetySnapshot }: JobView): Part[] {
  const interrupted =
    state === 'interrupted' && !error
      ? ['Its process ended without a word: it was killed, or the computer stopped.']
      : [];
  return [
    {
      title: 'What went wrong',
      tint: 'bad',
      paragraphs: error ? [error.message, error.notChanged].filter((text) => text !== '') : interrupted,
      facts: error ? [['Code', error.code] as const] : [],
    },
    {
      title: 'What the databases hold',
      paragraphs: written ? [written.text] : [],
      ...(written && {
        table: {
          columns: [{ title: 'Database' }, { title: 'Services' }, { title: 'Written' }],
          rows: [
            written.databases.map(({ place, services, outcome }) => [
              place,
              services.join(', '),
              COMMITS[outcome],
            ]),
          ],
        },
      }),
    },
    { title: 'Undone since', paragraphs: undoneBy === undefined ? [] : [`By job ${undoneBy}.`] },
    {
      title: 'The way back',
      paragraphs:
        safetySnapshot === undefined
          ? []
          : [`The target as it was before is kept as snapshot ${safetySnapshot}.`],
    },
  ];
}

const COMMITS: Readonly<Record<'committed' | 'aborted' | 'unknown', TintedCell>> = {
  committed: { text: 'written', tint: 'good' },
  aborted: { text: 'not written', tint: 'quiet' },
  unknown: { text: 'not known', tint: 'warning' },
};

function verifiedParts(job: JobView): Part[] {
  const applied = applyOf(job);
  if (!applied || applied.status === 'exists') return [];
  const { verified, deviations, deviationCount, verificationSnapshot, safetySnapshot, leftOut } = applied;
  const title = 'What was verified';
  const snapshots: Fact[] = [
    ['Before', safetySnapshot ?? 'no realm of this name'],
    ['After', verificationSnapshot ?? 'not read again'],
  ];
  if (deviationCount === 0)
    return [
      {
        title,
        tint: verified && !leftOut ? 'good' : 'warning',
        paragraphs: [
          applied.status === 'nothing-to-do'
            ? `The target was already as promised${butLeftOut(leftOut)}: nothing was written.`
            : verified
              ? `The target was read again, and is as the plan promised${butLeftOut(leftOut)}.`
              : isRestAsPromised(applied)
                ? `The target was read again: but for ${counted(applied.failures, 'record')} that failed, what could be read of it is as the plan promised.`
                : 'The target could not be read again as a whole: it is only verified in part.',
        ],
        facts: snapshots,
      },
    ];
  return [
    {
      title,
      tint: 'bad',
      paragraphs: [
        `${counted(deviationCount, 'record')} ${deviationCount === 1 ? 'is' : 'are'} not as promised.`,
      ],
      facts: snapshots,
      table: {
        columns: [{ title: 'Section' }, { title: 'Record' }, { title: 'What' }, { title: 'Members' }],
        rows: [deviations.map(({ section, key, kind, members }) => [section, key, kind, members.join(', ')])],
        after: () =>
          deviationCount > deviations.length
            ? `${integer(deviationCount - deviations.length)} more are not listed.`
            : undefined,
      },
    },
  ];
}

function butLeftOut(leftOut: ApplyResult['leftOut']): string {
  return leftOut
    ? `, but for ${counted(leftOut.count, 'record')} of the file that this channel cannot write`
    : '';
}

function failureParts(source: ReportSource): Part[] {
  const { failureCount, job } = source.report;
  if (failureCount === 0) return [];
  const rows = limited(source.failures(), MOST_ROWS);
  return [
    {
      title: job.kind === 'backup' ? 'What could not be read' : 'What could not be written',
      tint: 'bad',
      paragraphs: [`${counted(failureCount, 'record')} failed.`],
      table: {
        columns: [{ title: 'Section' }, { title: 'Record' }, { title: 'Why' }],
        rows: mapped(rows.batches, ({ section, key, reason, found }) => [
          section,
          key,
          failureText(reason, found),
        ]),
        after: () => notListed(failureCount - Math.min(MOST_ROWS, failureCount)),
      },
    },
  ];
}

function issuedPart({ issued = [] }: JobView): Part {
  return {
    title: 'Clients with new ids',
    paragraphs:
      issued.length === 0 ? [] : ['The server gave these an id of its own: whoever uses them must be told.'],
    ...(issued.length > 0 && {
      table: {
        columns: [{ title: 'Of the source' }, { title: 'On the target' }],
        rows: [issued.map(({ key, issued }) => [key, issued])],
      },
    }),
  };
}

function fromText({ snapshot, realm, environment, pseudonymized }: PlanView['source']): string {
  const origin = (pseudonymized ? pseudonymized.environment : environment) ?? 'a file';
  return `${origin}/${realm}, snapshot ${snapshot}${pseudonymized ? ', a pseudonymised copy' : ''}`;
}

function previewParts(plan: PlanView | undefined): Part[] {
  if (!plan) return [];
  const { source, target, losses, cannotSet, warnings } = plan;
  const sections = SECTIONS.filter((section) => plan.sections[section] !== undefined);
  return [
    {
      title: 'What the preview promised',
      facts: [
        ['Plan', plan.plan],
        ['From', fromText(source)],
        ['To', `${target.environment}/${target.realm} (${target.stage})`],
        ['How', plan.mode],
        ...factsOf({
          ...(plan.destructive && { destructive: true }),
          ...(plan.blocked && { blocked: true }),
          policy: plan.policy,
        }),
      ],
      table: {
        columns: [{ title: 'Section' }, ...ACTIONS.map((title) => ({ title, align: 'right' as const }))],
        rows: [
          sections.map((section): Cell[] => [
            section,
            ...ACTIONS.map((action) => integer(plan.sections[section]![action] ?? 0)),
          ]),
        ],
      },
    },
    {
      title: 'What it destroys',
      tint: 'bad',
      facts: plan.destructive ? factsOf(losses).filter(([, value]) => value !== '0') : [],
    },
    {
      title: 'What this channel cannot set',
      facts: cannotSet.map(({ section, member, records }): Fact => [
        `${section}.${member}`,
        `in ${counted(records, 'record')}`,
      ]),
    },
    { title: 'Warnings of the preview', tint: 'warning', list: warnings },
  ];
}

const OUTCOMES: Readonly<Record<ReportItem['outcome'], Cell>> = {
  done: { text: 'done', tint: 'good' },
  left: { text: 'left as it is', tint: 'quiet' },
  failed: { text: 'failed', tint: 'bad' },
  deviates: { text: 'not as promised', tint: 'bad' },
  'not-written': { text: 'not written', tint: 'warning' },
  unknown: { text: 'not known', tint: 'warning' },
};

/**
 * Records that nothing was to be done with are counted in the preview; here they would hide the others. Conflicts are what
 * a blocked plan is about.
 */
function itemParts(source: ReportSource): Part[] {
  if (!source.report.plan) return [];
  let missing: string | undefined;
  const items = limited(
    withoutLeft(
      listedItems(source, (why) => {
        missing = why;
      }),
    ),
    MOST_ROWS,
  );
  return [
    {
      title: 'Every record that was to be written',
      table: {
        columns: [
          { title: 'Section' },
          { title: 'Record' },
          { title: 'Planned' },
          { title: 'Outcome' },
          { title: 'Why' },
        ],
        rows: mapped(items.batches, ({ section, key, action, outcome, text, found, notes = [] }) => [
          section,
          key,
          action,
          OUTCOMES[outcome],
          [failureText(text, found), ...notes.map((note) => note.text)].join(' '),
        ]),
        after: () => missing ?? notListed(items.left()),
      },
    },
  ];
}

async function* withoutLeft(
  batches: AsyncIterable<readonly ReportItem[]>,
): AsyncGenerator<readonly ReportItem[]> {
  for await (const batch of batches)
    yield batch.filter(({ outcome, action }) => outcome !== 'left' || action === 'conflict');
}

const STEPS = {
  done: { text: 'done', tint: 'good' },
  failed: { text: 'failed', tint: 'bad' },
  unknown: { text: 'not known', tint: 'warning' },
} as const;

function stepParts(source: ReportSource): Part[] {
  const { stepCount } = source.report;
  if (stepCount === 0) return [];
  const steps = limited(source.steps(), MOST_ROWS);
  return [
    {
      title: 'Steps',
      paragraphs: [`${counted(stepCount, 'step')}, each written down before it began and after it ended.`],
      table: {
        columns: [
          { title: '', align: 'right' },
          { title: 'Step' },
          { title: 'Outcome' },
          { title: 'Begun' },
          { title: 'Took', align: 'right' },
        ],
        rows: mapped(steps.batches, (step) => {
          const took = millisecondsOf(step);
          return [
            integer(step.seq),
            step.label,
            STEPS[step.outcome],
            step.startedAt.slice(11, 19),
            took === undefined ? '' : seconds(took),
          ];
        }),
        after: () => notListed(steps.left()),
      },
    },
  ];
}

function notListed(count: number): string | undefined {
  return count > 0
    ? `${integer(count)} more are not listed here: the report as CSV or JSON has all of them.`
    : undefined;
}

async function* mapped<T>(
  batches: AsyncIterable<readonly T[]>,
  row: (of: T) => Cell[],
): AsyncGenerator<Cell[][]> {
  for await (const batch of batches) yield batch.map(row);
}
