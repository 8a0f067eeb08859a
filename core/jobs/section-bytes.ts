import { createHash } from 'node:crypto';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { canonicalRecord } from '../model/canonical.ts';
import { parseLine } from '../model/exact-json.ts';
import { redactedBody } from '../model/redact-secrets.ts';
import type { Section } from '../model/sections.ts';

/** A stored section as an archive has it: canonical lines in key order, each with a line break. */
export interface SectionBytes {
  readonly snapshot: string;
  readonly section: Section;
  /** Every secret replaced by its state. */
  readonly redacted: boolean;
}

/** A chunk's lines at a time. @throws AppError CATALOG_DAMAGED */
export async function* sectionBytes(
  snapshots: SnapshotStore,
  { snapshot, section, redacted }: SectionBytes,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for await (const records of snapshots.read(snapshot, section, signal)) {
    const lines: Buffer[] = [];
    for (const { line } of records) lines.push(redacted ? withoutSecrets(section, line) : line, LINE_BREAK);
    yield Buffer.concat(lines);
  }
}

export interface SectionDigest {
  readonly bytes: number;
  /** SHA-256 of these bytes, hex: unlike a root, the same in every catalog. */
  readonly sha256: string;
}

/** Reads a section once, and thereby proves it. @throws AppError CATALOG_DAMAGED */
export async function sectionDigest(
  snapshots: SnapshotStore,
  which: SectionBytes,
  signal: AbortSignal,
): Promise<SectionDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of sectionBytes(snapshots, which, signal)) {
    hash.update(part);
    bytes += part.length;
    // Reading from the catalog never waits: others get their turn.
    await new Promise(setImmediate);
  }
  return { bytes, sha256: hash.digest('hex') };
}

const LINE_BREAK = Buffer.from('\n');

function withoutSecrets(section: Section, line: Buffer): Buffer {
  return canonicalRecord(section, redactedBody(section, parseLine(line))).line;
}
