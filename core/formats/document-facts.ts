import { compareKeys } from '../model/key-order.ts';
import { MEMBERS, type Member } from '../model/members.ts';
import { perSection, SECTIONS, type Section } from '../model/sections.ts';
import type { Missing } from '../model/snapshot.ts';
import { quotedNames } from './document-errors.ts';
import { DOCUMENTED_MEMBERS, reasonMissing } from './document-layout.ts';

/**
 * `full`: a realm with its records; `realm`: a realm alone; a section's name: that section alone; `sections`: several
 * without a realm.
 */
export type DocumentKind = 'full' | 'sections' | Section;

export interface DocumentFacts {
  readonly kind: DocumentKind;
  /** The realm's name, when the document tells it. */
  readonly realm?: string;
  /** The sections that the document has, empty ones too. */
  readonly sections: readonly Section[];
  /** As in `CaptureFacts`: of these members, one that a record lacks is empty. */
  readonly knows: Partial<Record<Section, readonly string[]>>;
  /** Members that occurred at least once: those we know, and at most 200 others a section. */
  readonly seenMembers: Partial<Record<Section, readonly string[]>>;
  readonly missing: readonly Missing[];
  readonly warnings: readonly string[];
  readonly counts: Partial<Record<Section, number>>;
  /** Secrets that were masked and are now known to be redacted. */
  readonly redactedSecrets: number;
  /** Role mappings of a roles document; they are not records. */
  readonly roleMappings: number;
  /** Size of the document. */
  readonly bytes: number;
}

const MOST_UNKNOWN_NAMES = 200;
const SLUG = /^[a-z0-9-]+$/;

/** The members that occurred in one section. */
export class SeenMembers {
  readonly #known = new Set<Member>();
  readonly #unknown = new Set<string>();
  #mayHoldSecrets = false;

  /** Whether a member occurred that could hold a secret at some depth. */
  get mayHoldSecrets(): boolean {
    return this.#mayHoldSecrets;
  }

  known(member: Member): void {
    this.#known.add(member);
    if (member.secret || member.kind === 'object' || member.kind === 'any') this.#mayHoldSecrets = true;
  }

  unknown(name: string): void {
    this.#mayHoldSecrets = true;
    if (this.#unknown.size < MOST_UNKNOWN_NAMES) this.#unknown.add(name);
  }

  has(member: Member): boolean {
    return this.#known.has(member);
  }

  /** In canonical order, the unknown ones behind. */
  names(section: Section): string[] {
    const known = MEMBERS[section].filter((member) => this.#known.has(member)).map(({ name }) => name);
    return [...known, ...[...this.#unknown].sort(compareKeys)];
  }
}

/** Collects what a document says about itself while its records pass by. Bounded: names and counts only. */
export class FactCollector {
  readonly #origin: 'server' | 'file';
  readonly #sections = new Set<Section>();
  readonly #seen = perSection(() => new SeenMembers());
  readonly #counts = perSection(() => ({ records: 0, redacted: 0 }));
  #roleMappings: number | undefined;
  #realm: string | undefined;
  #dropped: readonly string[] = [];

  constructor(origin: 'server' | 'file') {
    this.#origin = origin;
  }

  /** The document has this section, be it empty. */
  section(section: Section): void {
    this.#sections.add(section);
  }

  hasSections(): boolean {
    return this.#sections.size > 0;
  }

  seen(section: Section): SeenMembers {
    return this.#seen[section];
  }

  record(section: Section, redactedSecrets: number): void {
    const counts = this.#counts[section];
    counts.records++;
    counts.redacted += redactedSecrets;
  }

  roleMappings(more: number): void {
    this.#roleMappings = (this.#roleMappings ?? 0) + more;
  }

  realm(name: string): void {
    this.#realm = name;
  }

  /** Members of the root that are not kept, because there is no realm to keep them with. */
  dropped(names: readonly string[]): void {
    this.#dropped = names;
  }

  facts(bytes: number): DocumentFacts {
    const sections = SECTIONS.filter((section) => this.#sections.has(section));
    const table = <T>(entry: (section: Section) => T) =>
      Object.fromEntries(sections.map((section) => [section, entry(section)]));
    return {
      kind: kindOf(sections),
      ...(this.#realm !== undefined && { realm: this.#realm }),
      sections,
      knows: table((section) => this.#knows(section)),
      seenMembers: table((section) => this.#seen[section].names(section)),
      missing: this.#missing(sections),
      warnings: this.#warnings(),
      counts: table((section) => this.#counts[section].records),
      redactedSecrets: sections.reduce((sum, section) => sum + this.#counts[section].redacted, 0),
      roleMappings: this.#roleMappings ?? 0,
      bytes,
    };
  }

  /** A server leaves out what is empty; the author of a file may leave out what he does not care about. */
  #knows(section: Section): string[] {
    const fromServer = this.#origin === 'server';
    const documented = DOCUMENTED_MEMBERS[section] ?? [];
    return MEMBERS[section]
      .filter(
        (member) =>
          member.key || (fromServer && (documented.includes(member.name) || this.#seen[section].has(member))),
      )
      .map(({ name }) => name);
  }

  #missing(sections: readonly Section[]): Missing[] {
    const missing: Missing[] = SECTIONS.filter((section) => !sections.includes(section)).map((section) => ({
      section,
      reason: reasonMissing(section),
    }));
    const masked = this.#counts.clients.redacted;
    if (masked > 0)
      missing.push({
        section: 'clients',
        member: 'clientSecret',
        reason: `${masked === 1 ? 'One client secret is' : `${masked} client secrets are`} redacted.`,
      });
    return missing;
  }

  #warnings(): string[] {
    const warnings: string[] = [];
    if (this.#roleMappings !== undefined) warnings.push(this.#aboutRoleMappings(this.#roleMappings));
    if (this.#realm !== undefined && !SLUG.test(this.#realm))
      warnings.push(
        'The realm’s name has other characters than a–z, 0–9 and “-”: it can be created under another name only.',
      );
    if (this.#dropped.length > 0)
      warnings.push(
        `The document has no realm, so these members of it are not kept: ${quotedNames(this.#dropped)}.`,
      );
    return warnings;
  }

  #aboutRoleMappings(count: number): string {
    const mappings = `role mappings of ${count} ${count === 1 ? 'user' : 'users'}`;
    return this.#sections.has('users')
      ? `Beside the users, the document lists ${mappings}; they were not read, the users’ own “roles” count.`
      : `The document lists ${mappings}; mappings are carried with the users, which it does not contain.`;
  }
}

function kindOf(sections: readonly Section[]): DocumentKind {
  if (sections.length === 1) return sections[0]!;
  return sections[0] === 'realm' ? 'full' : 'sections';
}
