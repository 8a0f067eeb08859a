import { createHash } from 'node:crypto';
import { canonicalRecord } from '../../../model/canonical.ts';
import type { JsonObject } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import {
  ARCHIVE_FORMAT,
  ARCHIVE_VERSION,
  MANIFEST_PATH,
  README_PATH,
  sectionPath,
  type ArchiveManifest,
} from '../archive-manifest.ts';
import { END_OF_TAR, paddingOf, tarHeader } from '../tar.ts';

/** One file of a tar that a test makes by hand. */
export interface Part {
  readonly name: string;
  readonly content: Buffer;
  /** Done to the header before its checksum is made anew. */
  readonly header?: (header: Buffer) => void;
}

export interface Sample {
  readonly manifest: ArchiveManifest;
  readonly parts: readonly Part[];
}

const SNAPSHOTS = ['0123456789abcd', '0123456789abce'];

/** Two small snapshots of one realm; `change` may spoil the manifest before its text is made. */
export function sample(change: (manifest: ArchiveManifest) => void = () => {}): Sample {
  const files = [README_PART, ...SNAPSHOTS.flatMap((id) => sectionsOf(id))];
  const manifest: ArchiveManifest = {
    format: ARCHIVE_FORMAT,
    version: ARCHIVE_VERSION,
    createdAt: '2026-03-04T05:06:07Z',
    createdBy: 'Drawbridge',
    snapshots: SNAPSHOTS.map((id) => ({
      id,
      realm: 'acme',
      environment: 'prod',
      purpose: 'backup',
      startedAt: '2026-03-04T01:00:00.000Z',
      finishedAt: '2026-03-04T01:00:01.000Z',
      channel: 'postgres',
      dialect: 'v2',
      complete: true,
      knows: { users: ['username', 'email'] },
      missing: [],
      warnings: [],
      tags: ['nightly'],
      sections: [
        { section: 'realm', records: 1, path: sectionPath(id, 'realm') },
        { section: 'users', records: USERS, path: sectionPath(id, 'users') },
      ],
    })),
    files: files.map(({ name, content }) => ({ path: name, bytes: content.length, sha256: sha256(content) })),
  };
  change(manifest);
  const text = Buffer.from(JSON.stringify(manifest));
  return { manifest, parts: [{ name: MANIFEST_PATH, content: text }, ...files] };
}

/** The sample with one file of other content, and a manifest that calls that right. */
export function sampleWith(section: Section, content: Buffer, records: number): Sample {
  const path = sectionPath(SNAPSHOTS[0]!, section);
  const { manifest, parts } = sample((it) => {
    const file = it.files.find((one) => one.path === path)!;
    Object.assign(file, { bytes: content.length, sha256: sha256(content) });
    Object.assign(
      it.snapshots[0]!.sections.find((one) => one.path === path)!,
      { records },
    );
  });
  return { manifest, parts: parts.map((part) => (part.name === path ? { ...part, content } : part)) };
}

export function tarOf(parts: readonly Part[], end: Buffer = END_OF_TAR): Buffer {
  return Buffer.concat([
    ...parts.flatMap(({ name, content, header }) => [
      changedHeader(tarHeader(name, content.length, 0), header),
      content,
      paddingOf(content.length),
    ]),
    end,
  ]);
}

export function lines(section: Section, bodies: readonly JsonObject[]): Buffer {
  return Buffer.concat(bodies.flatMap((body) => [canonicalRecord(section, body).line, Buffer.from('\n')]));
}

export const USERS = 300;

function sectionsOf(id: string): Part[] {
  const users = Array.from({ length: USERS }, (_, i) => ({
    username: `user-${String(i).padStart(4, '0')}`,
    email: `user-${i}@example.com`,
    roles: ['reader', id],
  }));
  return [
    { name: sectionPath(id, 'realm'), content: lines('realm', [{ name: 'acme', displayName: 'Acme' }]) },
    { name: sectionPath(id, 'users'), content: lines('users', users) },
  ];
}

const README_PART: Part = { name: README_PATH, content: Buffer.from('read me\n') };

function changedHeader(header: Buffer, change: ((header: Buffer) => void) | undefined): Buffer {
  if (!change) return header;
  change(header);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
