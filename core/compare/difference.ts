import type { JsonValue } from '../model/record.ts';
import type { Section } from '../model/sections.ts';

/**
 * One record as seen from two sides. `left` is what is there (the older, the target), `right` what it is held against
 * (the newer, the source); both are canonical lines.
 */
export type Difference =
  | { readonly kind: 'same'; readonly key: string; readonly left: Buffer; readonly right: Buffer }
  | { readonly kind: 'added'; readonly key: string; readonly right: Buffer }
  | { readonly kind: 'removed'; readonly key: string; readonly left: Buffer }
  | {
      readonly kind: 'changed';
      readonly key: string;
      readonly left: Buffer;
      readonly right: Buffer;
      readonly changes: readonly MemberChange[];
    };

/** A member that differs. Secrets stand here as their state, never as their value. */
export interface MemberChange {
  readonly member: string;
  /** Undefined: empty there. */
  readonly from?: JsonValue;
  readonly to?: JsonValue;
  /** One side cannot tell what it holds (redacted, or not among what its source knows). */
  readonly unknown?: 'left' | 'right';
}

/** A stretch of a section: either equal on both sides and not even read, or record by record. */
export type Stretch =
  | { readonly kind: 'equal'; readonly count: number }
  | { readonly kind: 'records'; readonly records: readonly Difference[] };

/** `unknown`: one of the two snapshots did not capture the section; it is not compared. */
export interface SectionCounts {
  readonly section: Section;
  readonly unknown: boolean;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly same: number;
}
