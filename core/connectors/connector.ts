import type { JsonObject, SectionBatch } from '../model/record.ts';
import type { Section } from '../model/sections.ts';
import type { CaptureFacts, Channel } from '../model/snapshot.ts';

/** One way into one environment. Every connector passes the conformance suite in `conformance.ts`. */
export interface Connector {
  readonly channel: Channel;
  /** Looks at everything a later job depends on; writes nothing. Never throws for what it finds: the finding is the result. */
  probe(signal: AbortSignal): Promise<ProbeReport>;
  listRealms(signal: AbortSignal): AsyncIterable<RealmSummary>;
  realmExists(realm: string, signal: AbortSignal): Promise<boolean>;
  /** @throws AppError REALM_NOT_FOUND from `batches` when there is no such realm */
  capture(realm: string, options: CaptureOptions, signal: AbortSignal): Capture;
  /** What this route can write: the planner decides by it, the preview shows it. */
  readonly route: RouteCapabilities;
  /**
   * Turns decided items into steps, in order and lazily. A step writes nothing until `run` is called, so the job can
   * journal the intent first. The same items always give the same steps.
   */
  applySteps(target: ApplyTarget, items: AsyncIterable<readonly ApplyItem[]>): AsyncIterable<ApplyStep>;
  close(): Promise<void>;
}

export interface RealmSummary {
  readonly name: string;
  readonly displayName?: string;
  readonly enabled?: boolean;
}

export type ProbeVerdict = 'ok' | 'finding' | 'failed' | 'skipped';

export interface ProbeReport {
  /** True when no step failed. */
  readonly usable: boolean;
  /** "documented", once known. */
  readonly dialect?: string;
  readonly serverVersion?: string;
  readonly steps: readonly { readonly name: string; readonly verdict: ProbeVerdict; readonly text: string }[];
}

export interface CaptureOptions {
  /** Undefined: every section this route can read. */
  readonly sections?: readonly Section[];
}

export interface Capture {
  /** In any order of sections and records; bounded batches; a second iteration is a defect. */
  readonly batches: AsyncIterable<SectionBatch>;
  /** Complete once `batches` has ended. */
  facts(): CaptureFacts;
}

/** What a route can write to one section of an existing realm. */
export interface SectionRoute {
  /** `with-realm`: only while the realm itself is created or overwritten. `by-mapping`: only as the role of a user written in the same plan, name only. */
  readonly create: 'yes' | 'with-realm' | 'by-mapping' | 'no';
  /**
   * Whether records can be created, with `createMembers`, by an apply that creates or overwrites the realm, whatever
   * `create` says of an existing realm (roles over the documented API: `by-mapping` later, whole with the realm).
   */
  readonly createWithRealm: boolean;
  /** Members that can be set when creating; `all`: also members we do not know. Not for `by-mapping`: name only. */
  readonly createMembers: readonly string[] | 'all';
  /** Members that can be changed on an existing record. */
  readonly updateMembers: readonly string[];
  /** Of those, set-valued members that can only grow. */
  readonly addOnlyMembers: readonly string[];
  readonly delete: boolean;
}

export interface RouteCapabilities {
  readonly channel: Channel;
  readonly dialect: string;
  /** Whether a whole realm can be deleted and recreated in one call. */
  readonly overwriteRealm: boolean;
  /** Whether overwriting through this route loses password hashes and client secrets that the snapshot lacks. */
  readonly overwriteLosesSecrets: boolean;
  readonly sections: Readonly<Record<Section, SectionRoute>>;
}

export interface ApplyTarget {
  readonly realm: string;
  /** `create`: the realm does not exist; `overwrite`: delete and recreate it; `merge`: change it in place. */
  readonly mode: 'create' | 'overwrite' | 'merge';
}

/** A decided item with what is to be written. Sections come in the order of SECTIONS, keys in key order. */
export interface ApplyItem {
  readonly section: Section;
  readonly key: string;
  readonly action: 'create' | 'update' | 'delete';
  /** The record to write, without what the plan left out; for `update`: only the members to set, and the key. */
  readonly body: JsonObject;
}

export interface ApplyStep {
  /** "users 1,001–1,500", for progress and journal. */
  readonly label: string;
  readonly section: Section;
  readonly items: readonly Pick<ApplyItem, 'section' | 'key' | 'action'>[];
  /** Whether running it again after an unknown outcome is harmless. */
  readonly repeatable: boolean;
  /**
   * @returns one outcome per item that did not simply succeed
   * @throws AppError when nothing or an unknown part of the step was done; the message says which
   */
  run(signal: AbortSignal): Promise<StepOutcome>;
}

export interface StepOutcome {
  readonly failures: readonly ItemFailure[];
  /** Calls that were repeated after a failure. */
  readonly retries: number;
  /** What the step noticed and cannot pin on an item ("3 of these 500 users existed already and were skipped"). */
  readonly warnings?: readonly string[];
}

export interface ItemFailure {
  readonly section: Section;
  readonly key: string;
  readonly reason: string;
}
