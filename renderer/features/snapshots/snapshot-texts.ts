import { SECTIONS } from '../../../contract/sections.ts';
import type { Series } from '../../../contract/series.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { counted, duration } from '../../design/moments.ts';
import { SECTION_NAMES } from '../../design/sections.ts';

export const CHANNELS: Readonly<Record<SnapshotView['channel'], string>> = {
  'admin-api': 'Admin API',
  postgres: 'PostgreSQL',
  file: 'file',
};

export const PURPOSES: Readonly<Record<SnapshotView['purpose'], string>> = {
  backup: 'a backup',
  import: 'a file that was imported',
  target: 'the target of a preview or a comparison',
  safety: 'the state of a target just before it was changed',
  verification: 'the state of a target just after it was changed',
};

/** Where the records come from, as the end of a sentence: "dev, over PostgreSQL". */
export function originText({ environment, channel, archived, pseudonymized, purpose }: SnapshotView): string {
  if (pseudonymized) return `a pseudonymised copy${of(pseudonymized.environment)}`;
  if (archived) return `an archive${of(archived.environment)}`;
  if (environment === undefined) return 'a file';
  if (channel === 'file') return environment;
  const way = channel === 'postgres' ? 'over PostgreSQL' : 'over the Admin API';
  return purpose === 'backup' ? `${environment}, ${way}` : `${environment}, ${way}: ${PURPOSES[purpose]}`;
}

const of = (environment: string | undefined): string =>
  environment === undefined ? '' : ` of ${environment}`;

export function purposeText({ archived, pseudonymized, purpose }: SnapshotView): string {
  if (pseudonymized) return 'a pseudonymised copy';
  return archived ? 'an archive that was imported' : PURPOSES[purpose];
}

/** What it does not contain, a sentence each; empty where it has everything. */
export function missingTexts(snapshot: SnapshotView): string[] {
  const unread = SECTIONS.filter(
    (section) =>
      snapshot.counts[section] === undefined &&
      !snapshot.missing.some((one) => one.section === section && one.member === undefined),
  );
  return [
    ...(unread.length > 0
      ? [`Not read: ${unread.map((section) => SECTION_NAMES[section].toLowerCase()).join(', ')}.`]
      : []),
    ...snapshot.missing.map(
      ({ section, member, reason }) =>
        `${SECTION_NAMES[section]}${member === undefined ? '' : `, ${member}`}: ${reason}`,
    ),
  ];
}

/**
 * Whether it has everything, in a sentence: never that it does, where a mark says that it is not whole.
 *
 * @param missing how many things it does not contain
 */
export function wholeText(
  { complete, pseudonymized, warnings }: Pick<SnapshotView, 'complete' | 'pseudonymized' | 'warnings'>,
  missing: number,
): string {
  if (missing > 0)
    return missing === 1
      ? 'It does not contain everything:'
      : `It does not contain everything: it lacks ${counted(missing, 'thing')}.`;
  if (warnings.length > 0) return 'All sections were read, with what is said above.';
  if (pseudonymized) return 'It is a copy with made-up people, and is never taken for a backup.';
  return complete
    ? 'It contains everything that its source has of the realm.'
    : 'All that was asked for was read. It was not taken as a whole backup.';
}

/** Over how long a time the moments that were read lie. */
export function momentsText({ window }: SnapshotView): string | undefined {
  if (!window) return undefined;
  const milliseconds = Date.parse(window.to) - Date.parse(window.from);
  if (milliseconds === 0) return 'one moment';
  return milliseconds < 1_000
    ? `moments within ${milliseconds} ms`
    : `moments within ${duration(milliseconds / 1_000)}`;
}

/** How it is called among other snapshots: "dev/acme". */
export function placeText({ environment, realm, archived, pseudonymized }: SnapshotView): string {
  const from = environment ?? archived?.environment ?? pseudonymized?.environment;
  return from === undefined ? realm : `${from}/${realm}`;
}

/** Where the snapshots of a series come from, in front of the realm’s name. */
export function whereText({ environment, origin, archived, pseudonymized }: Series): string {
  if (environment !== undefined) return environment;
  if (!archived && !pseudonymized) return 'Files';
  const what = pseudonymized ? 'Pseudonymised copies' : 'Archives';
  const from = pseudonymized && archived ? ', from archives' : '';
  return `${what}${of(origin)}${from}`;
}
