import type { JobReport, JobResult } from '../../contract/job.ts';
import { seriesName } from '../../contract/series.ts';
import { ACTIONS } from '../../contract/plan.ts';
import { SECTIONS } from '../../contract/sections.ts';
import type { SnapshotView } from '../../contract/snapshot.ts';
import { failureText } from '../../contract/found-again.ts';
import { visible } from '../../contract/visible.ts';
import { csv } from '../../contract/csv.ts';
import { factsOf } from './facts.ts';
import { applyOf } from './job-results.ts';
import { listedItems } from './listed-items.ts';
import type { ReportSource } from './report-source.ts';

const COLUMNS = [
  'kind',
  'outcome',
  'section',
  'key',
  'text',
  'startedAt',
  'finishedAt',
  'action',
  'notes',
] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], string | undefined>>;

/** One table: the job, its steps, what it found, what failed, and every record with its planned action and outcome. */
export async function* csvReport(source: ReportSource): AsyncGenerator<string> {
  yield csv([COLUMNS]);
  yield rows([jobRow(source.report), ...planRows(source.report)]);
  for await (const steps of source.steps())
    yield rows(
      steps.map(({ label, outcome, startedAt, finishedAt }) => ({
        kind: 'step',
        outcome,
        text: label,
        startedAt,
        finishedAt,
      })),
    );
  yield rows(resultRows(source.report));
  for await (const failures of source.failures())
    yield rows(
      failures.map(({ section, key, reason, found }) => ({
        kind: 'failure',
        outcome: 'failed',
        section,
        key,
        text: failureText(reason, found),
      })),
    );
  const notes: Row[] = [];
  const items = listedItems(source, (text) => notes.push({ kind: 'note', text }));
  for await (const batch of items)
    yield rows(
      batch.map(({ found, text, notes, ...item }) => ({
        kind: 'item',
        ...item,
        text: failureText(text, found),
        notes: notes?.map((note) => `${note.kind}: ${note.text}`).join(' '),
      })),
    );
  yield rows(notes);
}

function rows(some: readonly Row[]): string {
  // Visible, since a table may be printed to a terminal as well as opened in a spreadsheet.
  return csv(some.map((row) => COLUMNS.map((column) => visible(row[column] ?? ''))));
}

function jobRow({ job }: JobReport): Row {
  return {
    kind: 'job',
    outcome: job.state,
    text: job.title,
    startedAt: job.startedAt ?? job.createdAt,
    finishedAt: job.finishedAt,
  };
}

/** The plan that the job made or applied: what it is, what was decided, and how much of what it has. */
function planRows({ plan }: JobReport): Row[] {
  if (!plan) return [];
  const { source, target, mode } = plan;
  return [
    {
      kind: 'plan',
      outcome: mode,
      key: plan.plan,
      text: `snapshot ${source.snapshot} to ${target.environment}/${target.realm}`,
      startedAt: plan.createdAt,
    },
    ...factsOf(plan.policy).map(([key, text]) => ({ kind: 'policy', key, text })),
    ...SECTIONS.flatMap((section) =>
      ACTIONS.flatMap((action): Row[] => {
        const count = plan.sections[section]?.[action] ?? 0;
        return count === 0 ? [] : [{ kind: 'planned', section, action, text: String(count) }];
      }),
    ),
  ];
}

function resultRows({ job }: JobReport): Row[] {
  const { error, issued = [], result } = job;
  const applied = applyOf(job);
  return [
    ...(error ? [{ kind: 'error', outcome: error.code, text: error.message }] : []),
    ...(error?.remedy ? [{ kind: 'todo', text: error.remedy }] : []),
    ...(applied?.todo ?? []).map((text) => ({ kind: 'todo', text })),
    ...issued.map(({ section, key, issued: text }) => ({ kind: 'issued', section, key, text })),
    ...(applied?.deviations ?? []).map(({ section, key, kind, members }) => ({
      kind: 'deviation',
      outcome: kind,
      section,
      key,
      text: members.join(' '),
    })),
    ...(result ? ownRows(result) : []),
  ];
}

/** What a job that applies nothing found or stored. */
function ownRows(result: JobResult): Row[] {
  switch (result.kind) {
    case 'backup':
      return result.snapshots.flatMap(snapshotRows);
    case 'import-file':
      return [
        ...result.snapshots.flatMap(snapshotRows),
        ...result.alreadyThere.map(({ archived, snapshot, trashed }) => ({
          kind: 'snapshot',
          outcome: 'already-there',
          text: `${snapshot} is ${archived} of the archive${trashed ? ', and is in the trash' : ''}`,
        })),
      ];
    case 'pseudonymize':
      return snapshotRows(result.snapshot);
    case 'export-file':
    case 'export-archive':
    case 'catalog-backup':
      return [{ kind: 'file', outcome: 'written', key: result.path, text: `${result.bytes} bytes` }];
    case 'verify':
      return result.report.damaged.map(({ snapshot, section, text }) => ({
        kind: 'damage',
        outcome: 'damaged',
        section,
        key: snapshot,
        text,
      }));
    case 'diff':
      return result.comparison.differences.map(({ section, key, kind, changes }) => ({
        kind: 'difference',
        outcome: kind,
        section,
        key,
        text: changes.map(({ member }) => member).join(' '),
      }));
    case 'prune':
      return result.pruned.groups.flatMap((group) =>
        group.snapshots.map(({ id, finishedAt, takenAt = finishedAt, keep, reasons }) => ({
          kind: 'snapshot',
          outcome: keep ? 'kept' : 'trashed',
          key: group.realm,
          text: `${id} of ${seriesName(group)}: ${reasons.map(({ rule }) => rule).join(', ')}`,
          finishedAt: takenAt,
        })),
      );
    default:
      return [];
  }
}

function snapshotRows(snapshot: SnapshotView): Row[] {
  const { id, realm, startedAt, finishedAt, counts, missing } = snapshot;
  const outcome = snapshot.unchanged ? 'unchanged' : 'stored';
  return [
    {
      kind: 'snapshot',
      outcome: snapshot.complete ? outcome : 'incomplete',
      key: realm,
      text: id,
      startedAt,
      finishedAt,
    },
    ...SECTIONS.flatMap((section) =>
      counts[section] === undefined
        ? []
        : [{ kind: 'captured', outcome, section, key: realm, text: String(counts[section]) }],
    ),
    ...missing.map(({ section, member, reason }) => ({
      kind: 'missing',
      section,
      key: realm,
      text: member === undefined ? reason : `${member}: ${reason}`,
    })),
  ];
}
