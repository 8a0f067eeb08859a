import { z } from 'zod';
import { pseudonymizedView } from '../../../contract/snapshot.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import { ARCHIVE_LIMITS } from './archive-limits.ts';

/** The one folder in an archive: whoever unpacks it by hand gets no files strewn about. */
export const FOLDER = 'drawbridge-archive';
export const MANIFEST_PATH = `${FOLDER}/manifest.json`;
export const README_PATH = `${FOLDER}/README.txt`;

export const ARCHIVE_FORMAT = 'drawbridge-archive';
export const ARCHIVE_VERSION = 1;

/** As `core/catalog/snapshots/snapshot-id.ts` makes them. */
const snapshotId = z.string().regex(/^[0-9a-hjkmnp-tv-z]{14}$/);

export function sectionPath(snapshot: string, section: Section): string {
  return `${FOLDER}/snapshots/${snapshot}/${section}.ndjson`;
}

const text = z.string().max(10_000);
const texts = z.array(text).max(10_000);
const section = z.enum(SECTIONS);
const instant = z.iso.datetime({ precision: null });
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Where a file stands in the tar, how large it is, and the SHA-256 of its bytes (hex). */
const archivedFile = z.strictObject({
  path: z.string().max(200),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ArchivedFile = z.infer<typeof archivedFile>;

const archivedSnapshot = z.strictObject({
  id: snapshotId,
  realm: text,
  environment: text.optional(),
  purpose: z.enum(['backup', 'import', 'target', 'safety', 'verification']),
  startedAt: instant,
  finishedAt: instant,
  channel: z.enum(['admin-api', 'postgres', 'file']),
  dialect: text,
  serverVersion: text.optional(),
  window: z.strictObject({ from: text, to: text }).optional(),
  inconsistent: text.optional(),
  retries: count.optional(),
  pseudonymized: pseudonymizedView.optional(),
  complete: z.boolean(),
  knows: z.partialRecord(section, texts),
  missing: z.array(z.strictObject({ section, member: text.optional(), reason: text })).max(10_000),
  warnings: texts,
  tags: z.array(text).max(1000),
  note: text.optional(),
  /** In the order of SECTIONS; a section that is not here was not captured, and is unknown. */
  sections: z
    .array(z.strictObject({ section, records: count, path: z.string().max(200) }))
    .max(SECTIONS.length),
});
export type ArchivedSnapshot = z.infer<typeof archivedSnapshot>;

/** What stands in `manifest.json`; docs/archive-format.md describes it for others. */
export const archiveManifest = z.strictObject({
  format: z.literal(ARCHIVE_FORMAT),
  version: z.literal(ARCHIVE_VERSION),
  createdAt: instant,
  createdBy: text,
  /** Oldest first. */
  snapshots: z.array(archivedSnapshot).min(1).max(ARCHIVE_LIMITS.snapshots),
  /** Every file besides this one, in the order in which they follow it. */
  files: z
    .array(archivedFile)
    .min(1)
    .max(ARCHIVE_LIMITS.snapshots * SECTIONS.length + 1),
});
export type ArchiveManifest = z.infer<typeof archiveManifest>;

/** A file of an archive, and what it holds. */
export type Expected = ArchivedFile &
  (
    | { readonly holds: 'readme' }
    | {
        readonly holds: 'records';
        readonly snapshot: ArchivedSnapshot;
        readonly section: Section;
        readonly records: number;
      }
  );

/**
 * The files that have to follow a manifest, in order.
 *
 * @returns a sentence about what contradicts itself, where something does
 */
export function expectedFiles({ snapshots, files }: ArchiveManifest): readonly Expected[] | string {
  const [readme, ...rest] = files;
  if (readme?.path !== README_PATH) return `its first file is not ${README_PATH}`;
  const expected: Expected[] = [{ ...readme, holds: 'readme' }];
  const ids = new Set<string>();
  for (const snapshot of snapshots) {
    if (ids.has(snapshot.id)) return `it names snapshot ${snapshot.id} twice`;
    ids.add(snapshot.id);
    let last = -1;
    for (const { section, records, path } of snapshot.sections) {
      const file = rest.shift();
      const place = SECTIONS.indexOf(section);
      if (place <= last) return `the sections of snapshot ${snapshot.id} are not in their order`;
      last = place;
      if (path !== sectionPath(snapshot.id, section) || file?.path !== path)
        return `the files of snapshot ${snapshot.id} are not named as they have to be`;
      expected.push({ ...file, holds: 'records', snapshot, section, records });
    }
    if (snapshot.complete && !snapshot.sections.some(({ section }) => section === 'realm'))
      return `snapshot ${snapshot.id} is said to be whole, but has no realm`;
  }
  return rest.length > 0 ? 'it names files that belong to no snapshot' : expected;
}
