import type { Section } from './sections.ts';

/** Where the records of a snapshot came from. */
export type Channel = 'admin-api' | 'postgres' | 'file';

/** Something that a snapshot does not contain, and why: unknown is not empty. */
export interface Missing {
  readonly section: Section;
  /** One member of the section's records; without it, the whole section. */
  readonly member?: string;
  readonly reason: string;
}

/** The reason of what a capture could have read, and was told not to. */
export const NOT_ASKED_FOR = 'It was not asked for.';

/** Whether the databases could have told it: they hold everything but plain secrets, of which there are only hashes. */
export function isToldByDatabases({ member }: Missing): boolean {
  return member === undefined || !PLAIN_SECRETS.has(member);
}

const PLAIN_SECRETS: ReadonlySet<string> = new Set(['password', 'clientSecret']);

/** What a capture knows before its first record and after its last, apart from the records. */
export interface CaptureFacts {
  readonly realm: string;
  readonly channel: Channel;
  /** "documented" or another dialect of the Admin API, the schema's fingerprint over PostgreSQL, the format of a file. */
  readonly dialect: string;
  readonly serverVersion?: string;
  /** The sections that were read, whole; a section that is not here is unknown. */
  readonly sections: readonly Section[];
  /**
   * For each section read: the members about which this source tells everything. Of these, one that a record lacks is
   * empty; of all others, it is unknown, and never compared.
   */
  readonly knows: Partial<Record<Section, readonly string[]>>;
  readonly missing: readonly Missing[];
  /**
   * Between which instants (ISO, UTC) the moments lie that were read. Where a realm lies in several databases: by the
   * servers' clock, each being read as of one moment. Where it is read resource by resource: by this computer's clock,
   * from the first call to the last, those included whose answers an earlier attempt had kept.
   */
  readonly window?: { readonly from: string; readonly to: string };
  /**
   * Why this is not known to be the whole of what it claims, as a sentence: the source told different things about
   * itself, however often it was read. Such a snapshot is never offered as a whole backup.
   */
  readonly inconsistent?: string;
  /** Calls that were repeated after a failure, where there were any. */
  readonly retries?: number;
  /** Of one that came in an archive: which snapshot of which catalog it was there. */
  readonly archived?: ArchivedFrom;
  /** Of a copy in which everybody is somebody else. */
  readonly pseudonymized?: Pseudonymized;
  /** Findings worth telling an administrator ("role mappings of 3 users point to no role"). */
  readonly warnings: readonly string[];
}

/** What a snapshot was where it was taken, before an archive brought it here. ISO instants, UTC. */
export interface ArchivedFrom {
  readonly snapshot: string;
  readonly environment?: string;
  readonly purpose: SnapshotManifest['purpose'];
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** What a pseudonymised snapshot is a copy of, and how. */
export interface Pseudonymized {
  readonly snapshot: string;
  /** Where that was taken. */
  readonly environment?: string;
  /** E-mail addresses have the domains that they had. */
  readonly keepDomains: boolean;
  /** `replaced`: by one that was given. */
  readonly passwords: 'removed' | 'replaced';
  readonly clientSecrets: 'removed' | 'replaced';
}

export interface SectionSummary {
  readonly count: number;
  /** Size of the canonical lines, in bytes, with one line break each. */
  readonly bytes: number;
  /** Hash of the ordered chunk list: equal roots, equal sections. */
  readonly root: string;
}

/** An immutable snapshot as the catalog describes it. */
export interface SnapshotManifest extends CaptureFacts {
  readonly id: string;
  /** Name of the environment, or undefined for a file. */
  readonly environment?: string;
  /** What it was taken for. `safety`: a target just before an apply; `verification`: just after. */
  readonly purpose: 'backup' | 'import' | 'target' | 'safety' | 'verification';
  /** ISO instants, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly root: string;
  readonly summaries: Partial<Record<Section, SectionSummary>>;
  /** False when the capture was scoped or filtered: never offered as a whole backup. */
  readonly complete: boolean;
  /** An earlier snapshot of the same realm and environment with the same root. */
  readonly unchangedSince?: string;
  readonly tags: readonly string[];
  readonly note?: string;
  readonly pinned: boolean;
  /** ISO instant, UTC, since when it is in the trash; undefined: it is not. */
  readonly trashedAt?: string;
}
