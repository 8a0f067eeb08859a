import type { ApplyResult, JobResult, JobView, SectionOutcome } from '../../contract/job.ts';
import { bytes, counted, instant, integer } from '../../contract/numbers.ts';
import { SECTIONS } from '../../contract/sections.ts';
import type { SnapshotView } from '../../contract/snapshot.ts';
import { factsOf, type Fact } from './facts.ts';
import type { Cell, Part } from './part.ts';
import { pruneParts } from './prune-parts.ts';

const TITLE = 'What happened';

/** What a job of each kind came to. */
export function resultParts({ result }: JobView): Part[] {
  switch (result?.kind) {
    case undefined:
    case 'plan':
    case 'rollback-plan':
    case 'retry-plan':
      // A plan is its own result, and has a part of its own.
      return [];
    case 'apply':
    case 'seed':
      return [{ title: TITLE, facts: applyFacts(result.result), ...sectionsDone(result.result) }];
    case 'backup':
      return capturedParts(result.snapshots);
    case 'import-file':
      return importedParts(result);
    case 'pseudonymize':
      return capturedParts([result.snapshot]);
    case 'export-file':
    case 'export-archive':
      return [
        {
          title: TITLE,
          facts: [
            ['File', result.path],
            ['Size', bytes(result.bytes)],
            ...(result.kind === 'export-archive'
              ? factsOf({ snapshots: result.snapshots, encrypted: result.encrypted })
              : []),
          ],
          list: result.notes,
        },
      ];
    case 'verify': {
      const { snapshots, chunks, bytes: size, damaged } = result.report;
      return [
        {
          title: TITLE,
          tint: damaged.length === 0 ? 'good' : 'bad',
          paragraphs: [
            `${counted(snapshots, 'snapshot')} in ${counted(chunks, 'chunk')}, ${bytes(size)} read and held against their hashes: ${damaged.length === 0 ? 'all whole.' : `${counted(damaged.length, 'part')} damaged.`}`,
          ],
          ...(damaged.length > 0 && {
            table: {
              columns: [{ title: 'Snapshot' }, { title: 'Section' }, { title: 'What' }],
              rows: [damaged.map(({ snapshot, section = '', text }) => [snapshot, section, text])],
            },
          }),
        },
      ];
    }
    case 'diff': {
      const { left, right, equal, sections, differences, truncated } = result.comparison;
      return [
        {
          title: TITLE,
          tint: equal ? 'good' : 'warning',
          paragraphs: [equal ? 'There is no difference.' : 'They differ.'],
          facts: [
            ['Left', left],
            ['Right', right],
          ],
          table: {
            columns: [
              { title: 'Section' },
              ...['Added', 'Removed', 'Changed', 'Same'].map((title) => ({ title, align: 'right' as const })),
            ],
            rows: [
              SECTIONS.flatMap((section): Cell[][] => {
                const counts = sections[section];
                if (!counts) return [];
                if (counts.unknown)
                  return [[section, { text: 'not known to one side', tint: 'quiet' }, '', '', '']];
                const { added, removed, changed, same } = counts;
                return [[section, ...[added, removed, changed, same].map(integer)]];
              }),
            ],
          },
        },
        ...(differences.length === 0
          ? []
          : [
              {
                title: 'Differences',
                table: {
                  columns: [
                    { title: 'Section' },
                    { title: 'Record' },
                    { title: 'What' },
                    { title: 'Members' },
                  ],
                  rows: [
                    differences.map(({ section, key, kind, changes }) => [
                      section,
                      key,
                      kind,
                      changes.map(({ member }) => member).join(', '),
                    ]),
                  ],
                  after: () =>
                    truncated ? 'There are more: the comparison was limited to these.' : undefined,
                },
              },
            ]),
      ];
    }
    case 'prune':
      return pruneParts(result.pruned);
    default: {
      const { kind: _kind, ...rest } = result as { kind: string };
      return [{ title: TITLE, facts: factsOf(rest) }];
    }
  }
}

/** What an apply or a seeding came to, in numbers, and what its file took from the environment. */
export function applyFacts(result: ApplyResult): Fact[] {
  const { status, environment, realm, counts, undid, leftOut, variables = [] } = result;
  const numbers = { created: counts.create, updated: counts.update, deleted: counts.delete };
  const others = { unchanged: counts.unchanged, skipped: counts.skip, failed: counts.failed };
  return [
    ['Realm', `${environment}/${realm}`],
    ['Status', leftOut ? `${STATUS[status]}, but for what was left out` : STATUS[status]],
    ...factsOf({ ...numbers, ...others, callsRepeated: counts.retries }),
    ...(leftOut
      ? [
          [
            'Left out',
            `${counted(leftOut.count, 'record')} of the file, which this channel cannot write`,
          ] as const,
        ]
      : []),
    ...(undid === undefined ? [] : [['Undid', `job ${undid}`] as const]),
    ...variables.map((used): Fact => [
      'Variable',
      used.default ? `${used.name} (not set: default)` : used.name,
    ]),
  ];
}

const DONE = [
  ['create', 'Created'],
  ['update', 'Updated'],
  ['delete', 'Deleted'],
  ['unchanged', 'Unchanged'],
  ['skip', 'Skipped'],
  ['failed', 'Failed'],
] as const satisfies readonly (readonly [keyof SectionOutcome, string])[];

/** What was done in each section; nothing of a result that an earlier Drawbridge stored. */
function sectionsDone({ sections = {} }: ApplyResult): Pick<Part, 'table'> {
  const rows = SECTIONS.flatMap((section): Cell[][] => {
    const counts = sections[section];
    if (!counts) return [];
    return [
      [
        section,
        ...DONE.map(([name]): Cell => {
          const text = integer(counts[name]);
          return name === 'failed' && counts.failed > 0 ? { text, tint: 'bad' } : text;
        }),
      ],
    ];
  });
  if (rows.length === 0) return {};
  return {
    table: {
      columns: [{ title: 'Section' }, ...DONE.map(([, title]) => ({ title, align: 'right' as const }))],
      rows: [rows],
    },
  };
}

const STATUS: Readonly<Record<ApplyResult['status'], string>> = {
  succeeded: 'done',
  succeeded_with_errors: 'done, with records that failed',
  exists: 'it was there already, and was left alone',
  'nothing-to-do': 'it was already as promised',
};

/** What a file brought; of an archive also what it has that was there before. */
function importedParts({
  snapshots,
  alreadyThere,
}: Extract<JobResult, { readonly kind: 'import-file' }>): Part[] {
  const there: Part = {
    title: 'In the catalog already',
    table: {
      columns: [{ title: 'In the archive' }, { title: 'Snapshot' }, { title: 'Where' }],
      rows: [
        alreadyThere.map(({ archived, snapshot, trashed }) => [
          archived,
          snapshot,
          trashed ? { text: 'in the trash', tint: 'warning' } : 'in the catalog',
        ]),
      ],
    },
  };
  return [
    ...(snapshots.length > 0
      ? capturedParts(snapshots)
      : [{ title: TITLE, paragraphs: ['The archive has nothing new: nothing was stored.'] }]),
    ...(alreadyThere.length > 0 ? [there] : []),
  ];
}

function capturedParts(snapshots: readonly SnapshotView[]): Part[] {
  return [
    {
      title: TITLE,
      paragraphs: snapshots.length === 0 ? ['No realm was read.'] : [],
      table: {
        columns: [
          { title: 'Realm' },
          { title: 'Snapshot' },
          { title: 'Whole' },
          { title: 'Against the one before' },
          { title: 'Records', align: 'right' },
          { title: 'Size', align: 'right' },
          { title: 'Calls repeated', align: 'right' },
          { title: 'Read' },
        ],
        rows: [snapshots.map(snapshotRow)],
      },
    },
    ...snapshots.map((snapshot): Part => ({
      title: `Not in the snapshot of ${snapshot.realm}`,
      list: [
        ...(snapshot.inconsistent === undefined ? [] : [snapshot.inconsistent]),
        ...snapshot.missing.map(
          ({ section, member, reason }) => `${section}${member === undefined ? '' : `.${member}`}: ${reason}`,
        ),
        ...snapshot.warnings,
      ],
    })),
  ];
}

function snapshotRow(snapshot: SnapshotView): Cell[] {
  const records = SECTIONS.reduce((sum, section) => sum + (snapshot.counts[section] ?? 0), 0);
  return [
    snapshot.realm,
    snapshot.id,
    snapshot.complete ? { text: 'yes', tint: 'good' } : { text: 'no', tint: 'warning' },
    snapshot.unchangedSince === undefined ? 'stored anew' : `unchanged since ${snapshot.unchangedSince}`,
    integer(records),
    bytes(snapshot.bytes),
    integer(snapshot.retries ?? 0),
    instant(snapshot.startedAt),
  ];
}
