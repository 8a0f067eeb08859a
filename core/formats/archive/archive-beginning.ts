/** How many bytes of a file tell what it is. */
export const ARCHIVE_HEAD_BYTES = 512;

export type ArchiveKind = 'encrypted' | 'armored' | 'compressed' | 'tar';

/**
 * What a file is that begins with these bytes (`ARCHIVE_HEAD_BYTES`, or all there are).
 *
 * @returns undefined for what is no archive, nor was meant to be one
 */
export function kindOfArchive(head: Buffer): ArchiveKind | undefined {
  const begins = (text: string) => head.toString('latin1', 0, text.length) === text;
  if (begins('age-encryption.org/v1\n')) return 'encrypted';
  if (begins('-----BEGIN AGE ENCRYPTED FILE-----')) return 'armored';
  if (begins('\x28\xb5\x2f\xfd')) return 'compressed';
  return head.toString('latin1', 257, 262) === 'ustar' ? 'tar' : undefined;
}

export function isArchive(head: Buffer): boolean {
  return kindOfArchive(head) !== undefined;
}
