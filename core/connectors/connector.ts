import type { JsonObject, JsonValue, SectionBatch } from '../model/record.ts';
import type { Learned } from '../model/seen-server.ts';
import type { Section } from '../model/sections.ts';
import type { CaptureFacts, Channel, Missing } from '../model/snapshot.ts';

/** One way into one environment. Every connector passes the conformance suite in `testing/conformance.ts`. */
export interface Connector {
  readonly channel: Channel;
  /**
   * Looks at everything a later job depends on; writes nothing. Never throws for what it finds: the finding is the result.
   *
   * @param tell told of each step when it was taken; the report may still judge one more mildly, knowing the others
   */
  probe(signal: AbortSignal, tell?: TellStep): Promise<ProbeReport>;
  listRealms(signal: AbortSignal): AsyncIterable<RealmSummary>;
  realmExists(realm: string, signal: AbortSignal): Promise<boolean>;
  /** @throws AppError REALM_NOT_FOUND from `batches` when there is no such realm */
  capture(realm: string, options: CaptureOptions, signal: AbortSignal): Capture;
  /**
   * What a capture with these options is going to lack, although the route could tell it: a database that was not found, a
   * table that may not be read. Undefined: not known before.
   *
   * @throws AppError when the environment cannot be asked
   */
  lacks?(options: CaptureOptions, signal: AbortSignal): Promise<readonly Missing[]>;
  /**
   * What this route can write: the planner decides by it, the preview shows it. Asked of the environment once, and then
   * remembered: over PostgreSQL it follows from the tables found.
   *
   * @throws AppError when the environment cannot be asked
   */
  capabilities(signal: AbortSignal): Promise<RouteCapabilities>;
  /** Who, in the whole installation, has what must be unique over all realms. Undefined: this route can only list realms. */
  readonly owners?: Owners;
  /** Takes a realm, which need not exist, under change. The caller closes it. */
  openTarget(realm: string, options: TargetOptions, signal: AbortSignal): Promise<TargetSession>;
  /**
   * What it writes to, by identities that do not depend on names and addresses: two environments that share one are the
   * same installation. Undefined: this route knows none.
   */
  identities?(signal: AbortSignal): Promise<readonly string[]>;
  /**
   * What became of a commit that was journalled (`ApplyStep.facts`) and whose end is not known. Undefined: this route
   * commits nothing apart.
   */
  commitOutcome?(facts: JsonObject, signal: AbortSignal): Promise<'committed' | 'aborted' | 'unknown'>;
  /**
   * Of these ids of users, at most some thousand: those who are nobody and still have role mappings, by id, and how many.
   * Undefined: this route does not see them.
   */
  danglingMappings?(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  /** What it has found out about the server so far, for a later connection to begin with. Undefined: it finds nothing out. */
  learned?(): Learned;
  close(): Promise<void>;
}

export interface TargetOptions {
  /** Told, about once a second, of what a step or a capture waits for ("a lock on “users”, held by …"). */
  readonly onWait?: (text: string) => void;
}

/**
 * One realm while it is being changed. Over PostgreSQL this is one transaction in each database: what `capture` reads is
 * what the steps write upon, and if somebody else changes it meanwhile, nothing is written.
 */
export interface TargetSession {
  exists(signal: AbortSignal): Promise<boolean>;
  /** As the connector's own. */
  capture(options: CaptureOptions, signal: AbortSignal): Capture;
  /**
   * Turns decided items into steps, in order and lazily. A step writes nothing until `run` is called, so the job can
   * journal the intent first. The same items always give the same steps. Where the route has several channels, `items`
   * is iterated once for each.
   */
  applySteps(target: ApplyTarget, items: AsyncIterable<readonly ApplyItem[]>): AsyncIterable<ApplyStep>;
  /** Drops what was not committed. Harmless when repeated. */
  close(): Promise<void>;
}

/** Look-ups by at most some thousands at once. What nobody has is not in the answer. */
export interface Owners {
  /** Client id → the other realm that owns it. */
  clientIds(realm: string, ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Natural key of a social link → the other realm to whose user it belongs. */
  socialLinks(
    realm: string,
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>>;
  /**
   * Where keys are compared loosely (`SectionRoute.looseMembers`): of each key a text that is the same for all keys that
   * the server takes for equal, and the record that has such a key, though not this one.
   */
  alike(
    section: LooseSection,
    realm: string,
    keys: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, LooseKey>>;
  /** Whether anything in this section bears the name of another realm: if not, nobody else has an id, a key or a link. */
  anyElsewhere(section: IdSection, realm: string, signal: AbortSignal): Promise<boolean>;
  /** Id (UUID, lower case) → the record of this section that has it, in whatever realm. */
  ids(
    section: IdSection,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, { readonly realm: string; readonly key: string }>>;
}

/** The sections of which it is known, record by record, whose keys the server takes for equal. */
export type LooseSection = 'clients' | 'users';

export interface LooseKey {
  readonly kind: string;
  readonly there?: { readonly realm: string; readonly key: string };
}

/** The sections whose ids others refer to: tokens and applications keep them. */
export type IdSection = 'realm' | 'roles' | 'groups' | 'clients' | 'users';

export interface RealmSummary {
  readonly name: string;
  readonly displayName?: string;
  readonly enabled?: boolean;
}

export type ProbeVerdict = 'ok' | 'finding' | 'failed' | 'skipped';

/** Takes a step of a probe as soon as it was taken. */
export type TellStep = (step: ProbeReport['steps'][number]) => void;

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
  /** False: password hashes and the hashes of client secrets are not read at all. Default true. */
  readonly credentials?: boolean;
  /**
   * Also when the realm itself is not there: what a deleted realm of this name left behind. Then `realm` has no record.
   * Only where the route sees leftovers.
   */
  readonly leftovers?: boolean;
  /** Told, about once a second, of what the capture waits for; within a session, that session's is. */
  readonly onWait?: (text: string) => void;
  /** Where a route needs a call a record: what the same job had read of this realm when it was broken off. */
  readonly memory?: CaptureMemory;
}

/**
 * What a capture has read so far, kept by whoever runs it, so that one that is broken off need not begin anew. The values
 * are the route's own business.
 */
export interface CaptureMemory {
  /** Of at most some thousand keys, those that are known. */
  recall(keys: readonly string[]): ReadonlyMap<string, Remembered>;
  /** In batches of some hundred; a key that is known gets the new value. */
  note(values: ReadonlyMap<string, JsonValue>): void;
}

export interface Remembered {
  readonly value: JsonValue;
  /** When it was noted: milliseconds since 1970. */
  readonly at: number;
}

export interface Capture {
  /** In any order of sections and records; bounded batches; a second iteration is a defect. */
  readonly batches: AsyncIterable<SectionBatch>;
  /** How many records there will be, as far as the server has said; undefined: not known (yet). */
  expected?(): number | undefined;
  /** How many calls were made again so far, also of one that broke off; undefined: it makes none. */
  retries?(): number;
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
  /** Whether a member that has a value can be left without one. Undefined: yes. */
  readonly canEmpty?: false;
  /**
   * Members with which records can be created to which the server gives a key of its own, and a secret: the source's
   * record stands there under another key. Only where the policy asks for it.
   */
  readonly createUnderNewKey?: readonly string[];
  /** Members without which a record cannot be created, beside those of the key. */
  readonly requiredMembers?: readonly string[];
  /** The longest text that fits, in characters (Unicode code points), by member. */
  readonly textLimits?: Readonly<Record<string, number>>;
  /**
   * Members in which the server takes texts for equal that are not the same, as by a collation that ignores case: what
   * must be unique is so in that sense. Undefined: none. `Owners.alike` tells about the key.
   */
  readonly looseMembers?: readonly string[];
  /** Where the route has several channels: which one each thing goes through. */
  readonly channels?: {
    readonly create: Channel;
    readonly delete: Channel;
    /** By member, where it is given a value. */
    readonly update: Readonly<Record<string, Channel>>;
    /** Where a member is emptied. */
    readonly empty: Channel;
  };
}

export interface RouteCapabilities {
  readonly channel: Channel;
  readonly dialect: string;
  /** Whether a whole realm can be deleted and recreated in one call. */
  readonly overwriteRealm: boolean;
  /** Whether overwriting through this route loses password hashes and client secrets that the snapshot lacks. */
  readonly overwriteLosesSecrets: boolean;
  /** Whether a whole realm can be deleted and nothing put in its place. */
  readonly removeRealm: boolean;
  /** The sections of which it is known that the deletion of a realm deletes them too. Undefined: all, but for `survivors`. */
  readonly goesWithRealm?: readonly Section[];
  /** Whether what a deleted realm left behind can be seen (`CaptureOptions.leftovers`). */
  readonly seesLeftovers: boolean;
  /**
   * Records can be written under the name of a realm that does not exist, as one that was deleted left them: an apply
   * that creates or overwrites need not have a record of the realm itself, and then leaves none. Where the realm can be
   * deleted alone (`sections.realm.delete`), so can one that merges.
   */
  readonly writesWithoutRealm?: true;
  /** Whether all steps are one transaction: until its commit nothing is written, and a failed step leaves nothing behind. */
  readonly transactional: boolean;
  /** Whether a text can hold the character NUL; PostgreSQL's cannot. */
  readonly refusesNul: boolean;
  /**
   * Sections that outlive the deletion of their realm, for want of a way to delete them; a realm of the same name takes
   * them over. All else is deleted one by one, so that every item of an overwrite or a removal is one of the apply.
   * Undefined: what deletes a realm deletes all of it.
   */
  readonly survivors?: readonly Section[];
  /** Why some of it cannot be written although the route could, as sentences ("… lacks rights: GRANT …"). */
  readonly limits?: readonly string[];
  readonly sections: Readonly<Record<Section, SectionRoute>>;
}

export interface ApplyTarget {
  readonly realm: string;
  /**
   * `create`: the realm does not exist (leftovers of one may, and are changed in place); `overwrite`: delete it, with
   * all that bears its name, and recreate it; `merge`: change it in place; `remove`: delete it, with all that bears its
   * name (its one item is the deletion of the realm). Where something survives a realm (`survivors`), each record that
   * is deleted is an item, and these come before all others but the deletion of the realm itself, which comes last; it
   * can be part of a merge there.
   */
  readonly mode: 'create' | 'overwrite' | 'merge' | 'remove';
  /**
   * Ids of users, in batches, whom work that was broken off may have deleted from one database while another still has
   * what belongs to them: of those who are nobody when all is written, nothing stays. To be iterated repeatedly.
   */
  readonly goneUsers?: AsyncIterable<readonly string[]>;
}

/**
 * A decided item with what is to be written. Sections come in the order of SECTIONS, keys in key order; over a route with
 * `survivors` all deletions first, so that what they free can be taken, and that of the realm last.
 */
export interface ApplyItem {
  readonly section: Section;
  readonly key: string;
  readonly action: 'create' | 'update' | 'delete';
  /** The record to write, without what the plan left out; for `update`: only the members to set, and the key. */
  readonly body: JsonObject;
  /** The id of the record on the target, where it is to be changed or deleted, and the route writes by id. */
  readonly targetId?: string;
  /**
   * What the preview showed of the target's record: of one that is changed, the members to be set, of one that is
   * deleted, all of it; null and absence are the same. A route that looks before it writes writes only upon that.
   */
  readonly was?: JsonObject;
}

export interface ApplyStep {
  /** "users 1,001–1,500", for progress and journal. */
  readonly label: string;
  readonly section: Section;
  readonly items: readonly Pick<ApplyItem, 'section' | 'key' | 'action'>[];
  /** Whether running it again after an unknown outcome is harmless. */
  readonly repeatable: boolean;
  /**
   * Nothing of it lasts until a later step with facts commits it. Need not be said where the whole route is
   * transactional.
   */
  readonly staged?: true;
  /**
   * What has to be known to find out later what became of the step; asked just before `run`, and journalled with the
   * intent. A step with facts commits: what comes before it in the same apply is written by it or not at all. The
   * facts have the form of `CommitFacts` (core/jobs/written.ts): `commit` is this step's, `places` are those of all
   * commits of this apply, in order, so that a later look knows which were never begun.
   */
  facts?(signal: AbortSignal): Promise<JsonObject>;
  /**
   * @param before an earlier attempt had begun the step, and nobody knows how far it came
   * @returns one outcome per item that did not simply succeed
   * @throws AppError when nothing or an unknown part of the step was done; the message says which
   */
  run(signal: AbortSignal, before?: BegunBefore): Promise<StepOutcome>;
}

/** What tells the traces of a step that was broken off from what others did: those are to be taken up, not refused. */
export interface BegunBefore {
  /** Whether a record stood there under this key before the whole work, or is known to stem from another of its steps. */
  isAccountedFor(section: Section, key: string): Promise<boolean>;
}

export interface StepOutcome {
  readonly failures: readonly ItemFailure[];
  /** Calls that were repeated after a failure. */
  readonly retries: number;
  /** What the step noticed and cannot pin on an item ("3 of these 500 users existed already and were skipped"). */
  readonly warnings?: readonly string[];
  /** Records that stand there under a key which the server gave them. */
  readonly issued?: readonly IssuedKey[];
}

export interface IssuedKey {
  readonly section: Section;
  /** The source's. */
  readonly key: string;
  /** The server's. */
  readonly issued: string;
  /** What the server told once, and nobody can read again. Never in logs, reports or the journal. */
  readonly secret?: string;
}

export interface ItemFailure {
  readonly section: Section;
  readonly key: string;
  readonly reason: string;
}
