import type { JobResult } from '../../contract/job.ts';
import { SECTION_WORDS, SECTIONS, type Section } from '../../contract/sections.ts';
import { seriesOf, takenAt, type Series } from '../../contract/series.ts';
import type { SnapshotView } from '../../contract/snapshot.ts';
import type { Telling } from '../io.ts';
import type { Paint } from '../terminal/paint.ts';
import { bytes, counted, instant, integer, listed, seconds } from './numbers.ts';
import { table, type Cell } from './table.ts';
import { quoted, visible, visibleLines } from './visible.ts';

/** One snapshot as it stands after it was taken: what it is, what is in it, what is not. */
export function snapshotLines(snapshot: SnapshotView, io: Telling): string[] {
  const { paint } = io;
  return [
    `Snapshot ${paint.bold(visible(snapshot.id))} of realm ${quoted(snapshot.realm)} from ${originOf(snapshot)}, ${whenText(snapshot)}`,
    `  ${contents(snapshot)} (${bytes(snapshot.bytes)})`,
    ...(snapshot.unchanged
      ? [
          `  ${paint.green('Unchanged')} since snapshot ${visible(snapshot.unchangedSince ?? 'before')}: nothing was stored twice.`,
        ]
      : []),
    ...doubtLines(snapshot, paint),
    ...missingLines(snapshot),
    ...snapshot.warnings.map((warning) => `  ${paint.yellow('Warning:')} ${visibleLines(warning)}`),
    ...(snapshot.retries === undefined
      ? []
      : [
          `  ${counted(snapshot.retries, 'call was', 'calls were')} repeated after a failure; nothing is missing for it.`,
        ]),
  ];
}

/** What a file brought; of an archive also what was there before. */
export function importedLines({ snapshots, alreadyThere }: Imported, io: Telling): string[] {
  return [
    ...snapshots.flatMap((snapshot) => snapshotLines(snapshot, io)),
    ...alreadyThere.map(alreadyThereLine),
  ];
}

type Imported = Pick<Extract<JobResult, { kind: 'import-file' }>, 'snapshots' | 'alreadyThere'>;

function alreadyThereLine({ archived, snapshot, trashed }: Imported['alreadyThere'][number]): string {
  const as = archived === snapshot ? '' : ` as snapshot ${visible(snapshot)}`;
  return `Snapshot ${visible(archived)} of the archive is here already${as}${trashed ? ', in the trash' : ''}: nothing was stored twice.`;
}

/** What an archive brought is as old as it says, and has been here only since its import. */
function whenText({ archived, finishedAt }: SnapshotView): string {
  return archived ? `${instant(archived.finishedAt)}, imported ${instant(finishedAt)}` : instant(finishedAt);
}

/** In a word or two. */
export function shortOrigin({ environment, origin = 'file', archived, pseudonymized }: Series): string {
  if (environment !== undefined) return environment;
  if (pseudonymized) return `copy of ${origin}`;
  return archived ? `archive (${origin})` : 'file';
}

function originOf(snapshot: SnapshotView): string {
  const { environment, archived, pseudonymized } = snapshot;
  if (pseudonymized)
    return `a copy of ${pseudonymized.environment === undefined ? 'a file' : quoted(pseudonymized.environment)}`;
  if (environment !== undefined) return `${quoted(environment)}${over(snapshot)}`;
  if (archived === undefined) return 'a file';
  const of = archived.environment === undefined ? '' : ` of ${quoted(archived.environment)}`;
  return `an archive${of}`;
}

/** The same with everything that is known. */
export function snapshotDetailLines(snapshot: SnapshotView, io: Telling): string[] {
  const facts: [string, string][] = [
    [
      snapshot.archived ? 'Imported' : 'Taken',
      `${instant(snapshot.startedAt)} to ${instant(snapshot.finishedAt)}`,
    ],
    ...windowFact(snapshot),
    ...archivedFacts(snapshot),
    ['For', purposeOf(snapshot)],
    [
      'Channel',
      `${CHANNELS[snapshot.channel]}, ${snapshot.dialect}${snapshot.serverVersion === undefined ? '' : `, version ${snapshot.serverVersion}`}`,
    ],
    ['Root', snapshot.root],
    ['Tags', snapshot.tags.length === 0 ? 'none' : snapshot.tags.join(', ')],
    ['Note', snapshot.note ?? 'none'],
    ['Pinned', snapshot.pinned ? 'yes' : 'no'],
  ];
  return [
    ...snapshotLines(snapshot, io),
    ...table([{ title: '' }, { title: '' }], facts, '  '),
    '',
    ...table(
      [{ title: 'Section' }, { title: 'Records', align: 'right' }],
      SECTIONS.map((section) => {
        const count = snapshot.counts[section];
        return [section, count === undefined ? 'unknown' : integer(count)];
      }),
      '  ',
    ),
  ];
}

export function snapshotListLines(snapshots: readonly SnapshotView[], paint: Paint): string[] {
  if (snapshots.length === 0) return ['There are no snapshots.'];
  return table(
    [
      { title: 'Snapshot' },
      { title: 'Realm' },
      { title: 'From' },
      { title: 'Taken' },
      { title: 'Users', align: 'right' },
      { title: 'Size', align: 'right' },
      { title: 'Remarks', limit: 60 },
    ],
    snapshots.map((snapshot): Cell[] => [
      { text: snapshot.id, paint: paint.bold },
      snapshot.realm,
      shortOrigin(seriesOf(snapshot)),
      instant(takenAt(snapshot)),
      snapshot.counts.users === undefined ? 'unknown' : integer(snapshot.counts.users),
      bytes(snapshot.bytes),
      remarks(snapshot),
    ]),
  );
}

function doubtLines(snapshot: SnapshotView, paint: Paint): string[] {
  const { complete, inconsistent, pseudonymized } = snapshot;
  if (pseudonymized && inconsistent === undefined) return [pseudonymLine(pseudonymized, paint)];
  if (inconsistent !== undefined) return [`  ${paint.red('Not consistent:')} ${visibleLines(inconsistent)}`];
  return complete ? [] : [`  ${paint.yellow('Not whole:')} only a part of the realm was captured.`];
}

function pseudonymLine(
  { snapshot, keepDomains, passwords, clientSecrets }: NonNullable<SnapshotView['pseudonymized']>,
  paint: Paint,
): string {
  const domains = keepDomains
    ? 'with the domains of their addresses kept; mail to them reaches real servers'
    : 'with addresses that no mail reaches';
  const gone =
    passwords === clientSecrets
      ? `passwords and client secrets ${passwords}`
      : `passwords ${passwords}, client secrets ${clientSecrets}`;
  return `  ${paint.yellow('Pseudonymised')} copy of snapshot ${visible(snapshot)}: its users are made up, ${domains}; ${gone}.`;
}

function doubt({ inconsistent, complete, pseudonymized }: SnapshotView): string {
  if (inconsistent !== undefined) return 'not consistent';
  return complete || pseudonymized ? '' : 'not whole';
}

function purposeRemark({ pseudonymized, purpose }: SnapshotView): string {
  return pseudonymized || purpose === 'backup' ? '' : purpose;
}

function remarks(snapshot: SnapshotView): string {
  return [
    snapshot.pseudonymized ? 'pseudonymised' : '',
    snapshot.archived ? `imported ${instant(snapshot.finishedAt)}` : purposeRemark(snapshot),
    snapshot.unchanged ? 'unchanged' : '',
    doubt(snapshot),
    snapshot.pinned ? 'pinned' : '',
    snapshot.trashedAt === undefined ? '' : `in the trash since ${instant(snapshot.trashedAt)}`,
    ...snapshot.tags.map((tag) => `#${tag}`),
    snapshot.note ?? '',
  ]
    .filter((remark) => remark !== '')
    .join(', ');
}

const CHANNELS: Readonly<Record<SnapshotView['channel'], string>> = {
  'admin-api': 'Admin API',
  postgres: 'PostgreSQL',
  file: 'file',
};

/** Without exports a snapshot has less in it, and took longer: then it is said how it was read. */
function over({ channel, dialect }: SnapshotView): string {
  if (channel === 'file') return '';
  if (channel === 'postgres') return ' over PostgreSQL';
  return dialect === 'v1.1'
    ? ' over the Admin API of OpenGate v1.1.0 style, resource by resource'
    : ' over the Admin API';
}

function purposeOf({ archived, pseudonymized, purpose }: SnapshotView): string {
  if (archived) return 'an archive that was imported';
  return pseudonymized ? 'a pseudonymised copy' : PURPOSES[purpose];
}

/** What it was in the catalog that wrote the archive: its age counts, not that of the import. */
function archivedFacts({ archived }: SnapshotView): [string, string][] {
  if (archived === undefined) return [];
  return [
    ['There', `snapshot ${archived.snapshot}, ${PURPOSES[archived.purpose]}`],
    ['Taken there', `${instant(archived.startedAt)} to ${instant(archived.finishedAt)}`],
  ];
}

/** A realm that lies in several databases is read at one moment in each: how far these lie apart. */
function windowFact({ window, channel }: SnapshotView): [string, string][] {
  if (window === undefined) return [];
  const apart = Date.parse(window.to) - Date.parse(window.from);
  if (channel === 'admin-api')
    return [['State of', `${instant(window.from)} to ${instant(window.to)}, read one thing after the other`]];
  return [['State of', `${instant(window.from)}, ${momentsApart(apart)}`]];
}

function momentsApart(milliseconds: number): string {
  if (milliseconds === 0) return 'one moment in every database';
  return `the databases’ moments within ${milliseconds < 1000 ? `${integer(milliseconds)} ms` : seconds(milliseconds)}`;
}

const PURPOSES: Readonly<Record<SnapshotView['purpose'], string>> = {
  backup: 'a backup',
  import: 'a file that was imported',
  target: 'a preview, as its target',
  safety: 'the state of a target just before it was changed',
  verification: 'the state of a target just after it was changed',
};

/** “4 roles” in the words of a section. */
export function countedRecords(section: Section, count: number): string {
  return counted(count, ...SECTION_WORDS[section]);
}

function contents(snapshot: SnapshotView): string {
  const parts = SECTIONS.filter((section) => section !== 'realm' && snapshot.counts[section] !== undefined);
  const counts = parts.map((section) => countedRecords(section, snapshot.counts[section]!));
  return listed(snapshot.counts.realm === undefined ? counts : ['the realm’s settings', ...counts]);
}

function missingLines(snapshot: SnapshotView): string[] {
  if (snapshot.missing.length === 0) return [];
  const rows = snapshot.missing.map(({ section, member, reason }) => [
    member === undefined ? section : `${section}.${member}`,
    reason,
  ]);
  return ['  Not contained:', ...table([{ title: '' }, { title: '' }], rows, '    ')];
}
