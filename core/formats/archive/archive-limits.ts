/** What an archive may ask for at most, whoever wrote it. Sizes in bytes. */
export const ARCHIVE_LIMITS = {
  /** The encrypted header: its stanzas stand before anything is proved. */
  ageHeaderBytes: 64 * 1024,
  manifestBytes: 16 * 1024 ** 2,
  readmeBytes: 64 * 1024,
  snapshots: 1000,
  /** All files together, unpacked. */
  totalBytes: 256 * 1024 ** 3,
  /** One record, as in documents. */
  recordBytes: 4 * 1024 ** 2,
  /** Levels of objects and lists in one record. */
  depth: 64,
  /** Zeros after the end mark: tar fills up to whole blocks of its own. */
  paddingBytes: 1024 ** 2,
} as const;

export type ArchiveLimits = { readonly [Name in keyof typeof ARCHIVE_LIMITS]: number };
