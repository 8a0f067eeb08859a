import { ACTIONS, ROUTE_CHANNELS } from '../../contract/plan.ts';
import type { IdSection, LooseSection, RouteCapabilities } from '../connectors/connector.ts';
import type { MemberChange } from '../compare/difference.ts';
import type { JsonObject } from '../model/record.ts';
import { parsePlainLine } from './line-glance.ts';
import type { Section } from '../model/sections.ts';
import type { Missing } from '../model/snapshot.ts';

/** What the administrator decided; the defaults are OpenGate's documented behaviour, or else the harmless choice. */
export interface Policy {
  /**
   * The realm exists on the target. `overwrite` deletes and recreates it. `remove` deletes it, or what one of its name
   * left behind: the plan needs no source then.
   */
  readonly realm: 'stop' | 'merge' | 'overwrite' | 'remove';
  readonly users: 'skip' | 'merge';
  readonly clients: 'stop' | 'skip' | 'update';
  /** Records that only the target has. */
  readonly extra: 'keep' | 'delete';
  /** What the route cannot write: `stop` makes it a conflict, `skip` leaves it out and says so. */
  readonly unsupported: 'stop' | 'skip';
  /** Conflicts of single records (an e-mail that belongs to another user, …): `skip` leaves those records out. */
  readonly conflicts: 'stop' | 'skip';
  /** A user to be created whose name differs from one on the target by case alone; undefined: `stop`. Both can exist, but rarely should. */
  readonly caseVariants?: 'stop' | 'create';
  /**
   * The realm does not exist on the target, but records do that a deleted one of its name left behind; undefined:
   * `stop`. `adopt` takes them into the new realm, changed in place; `remove` deletes them first.
   */
  readonly leftovers?: 'stop' | 'adopt' | 'remove';
  /**
   * Clients, where the server gives each an id and a secret of its own: `create` makes new ones like those of the source;
   * `leave` leaves them to another route. Undefined: as `unsupported` says of what the route cannot write.
   */
  readonly issuedClients?: 'leave' | 'create';
  /**
   * What exists becomes what the source has in everything that the source knows: single values that it knows to be empty
   * are emptied, secrets as well, and a realm that it knows not to be there goes, where the route can delete it alone.
   * For putting a realm back as it was; goes with `extra: delete`, `users: merge` and `clients: update`.
   */
  readonly exact?: true;
  /** Only these sections; undefined: all that the source has. */
  readonly sections?: readonly Section[];
  /** "users/alice": left out. A trailing `*` stands for anything: "users/test-*". */
  readonly exclude: readonly string[];
  /**
   * "users/alice", "clients/portal": changed where they exist, whatever `users` and `clients` say of others; what belongs to
   * such a user follows. What is left out stays so. Undefined: none.
   */
  readonly update?: readonly string[];
  /** "users/alice": nothing but these records, and roles, which others need; undefined: all. */
  readonly only?: readonly string[];
  /** The name on the target when it differs from the source's. */
  readonly realmName?: string;
}

export const DEFAULT_POLICY: Policy = {
  realm: 'stop',
  users: 'skip',
  clients: 'stop',
  extra: 'keep',
  unsupported: 'stop',
  conflicts: 'stop',
  exclude: [],
};

export type Action = (typeof ACTIONS)[number];

/** Why an item has its action: a closed list, so that screens can group and explain. */
export type Reason =
  | 'only-in-source'
  | 'differs'
  | 'equal'
  | 'exists-policy-skip'
  | 'exists-policy-stop'
  | 'exists-unchangeable'
  | 'only-in-target-kept'
  | 'only-in-target-deleted'
  | 'source-in-doubt'
  | 'replaced-with-realm'
  | 'deleted-with-realm'
  | 'excluded'
  | 'not-selected'
  | 'realm-exists'
  | 'email-taken'
  | 'client-id-taken'
  | 'social-link-taken'
  | 'differs-only-by-case'
  | 'same-key-there'
  | 'route-cannot'
  | 'enabled-there'
  | 'source-unknown'
  | 'target-unknown'
  | 'nothing-to-set'
  | 'created-by-mapping'
  | 'kept-through-overwrite'
  | 'survives'
  | 'key-is-issued'
  | 'issued-before'
  | 'leftovers'
  | 'leftovers-stay'
  | 'value-missing'
  | 'value-refused';

/** Something about an item that is worth counting over the whole plan. */
export interface PlanNote {
  readonly kind:
    | 'no-password'
    | 'new-client-secret'
    | 'no-client-secret'
    | 'values-stay'
    | 'value-stays'
    | 'value-lost'
    | 'cannot-tell'
    | 'inner-secret-missing'
    | 'role-left-out'
    | 'role-gone'
    | 'case-variant'
    | 'email-case-variant'
    | 'new-id'
    | 'id-stays'
    | 'client-secret-kept'
    | 'cannot-empty'
    | 'cannot-delete'
    | 'new-key'
    | 'enabled-there';
  readonly member?: string;
  /** How many values of a list it concerns (role mappings that stay). */
  readonly count?: number;
  /** The other party, or the role. */
  readonly other?: string;
}

export interface PlanItem {
  readonly section: Section;
  readonly key: string;
  readonly action: Action;
  readonly reason: Reason;
  /**
   * The other party of a conflict ("bob" whose e-mail it is), fit to be shown; of a value that the target cannot hold,
   * which and why; of leftovers, how many.
   */
  readonly other?: string;
  readonly changes: readonly MemberChange[];
  /** Sentences about this item ("The description cannot be set by this route."). */
  readonly warnings: readonly string[];
  /**
   * What will be written; for `update` only the members to set, and the key. Present for create and update. Contains
   * secrets: never shown.
   */
  readonly write?: JsonObject;
  /**
   * The record that will stand on the target afterwards, as far as the plan can promise it: present where something is
   * written. What the verification after the apply is held against.
   */
  readonly promise?: JsonObject;
  /**
   * The source's canonical line, where a record is created just as it stands there. A lean plan (`preparedPlan`) leaves
   * out `write` and `promise` then, and so saves parsing it: `written` tells them.
   */
  readonly line?: Buffer;
  /** Where the route writes by id: that of the record on the target, which is changed, deleted or replaced. */
  readonly targetId?: string;
  /** Of a record that is deleted there: what the target has, so that no other one is deleted in its place. */
  readonly targetBody?: JsonObject;
  /** The server gives it a key of its own: it will not stand there under `key`. */
  readonly underNewKey?: true;
  /** Members with a value in the source that this route cannot set. */
  readonly cannotSet?: readonly string[];
  /** What a record that stays, or returns, loses. */
  readonly loses?: 'passwordHash' | 'otherCredential' | 'clientSecret';
  /** The target does not tell whether there is such a thing to be lost. */
  readonly lossUnseen?: true;
  readonly notes?: readonly PlanNote[];
  /** Where the route has several channels: those that this item is written through. */
  readonly channels?: readonly RouteChannel[];
}

export type RouteChannel = (typeof ROUTE_CHANNELS)[number];

/** Whether the item writes something. */
export function writes({ write, line }: PlanItem): boolean {
  return write !== undefined || line !== undefined;
}

/** What the item writes, also in a lean plan. */
export function written({ write, line }: PlanItem): JsonObject | undefined {
  return write ?? (line && parsePlainLine(line));
}

/** Records that are equal on both sides and stay as they are, between the items around it: counted, not listed. */
export interface UnchangedRun {
  readonly kind: 'unchanged';
  readonly section: Section;
  readonly count: number;
}

/** A sentence about the plan as a whole ("The source does not tell about groups; …"). */
export interface PlanNotice {
  readonly kind: 'notice';
  readonly text: string;
}

/** What a plan consists of: notices first, then sections in the order of SECTIONS, items of a section in key order. */
export type PlanEntry = PlanItem | UnchangedRun | PlanNotice;

export function isPlanItem(entry: PlanEntry): entry is PlanItem {
  return !('kind' in entry);
}

/** Two names or e-mail addresses that get in each other's way once the plan is applied. */
export interface Collision {
  /** The user that the plan would write. */
  readonly username: string;
  /** The e-mail address; the user name itself where names collide. */
  readonly value: string;
  readonly otherUsername: string;
  readonly otherSide: 'target' | 'source';
  /** The same text; otherwise the same but for case. */
  readonly exact: boolean;
}

type Awaitable<T> = T | Promise<T>;

/**
 * Ids that records to be created cannot keep, since another record of the target's installation has them: by the key of
 * the record to be created, whose they are. `all`: so many that every record created in this section gets a new one.
 * Collected by TakenIdCollector (taken-ids.ts), and part of what a plan is made from: it stands in its document.
 */
export type TakenIds = Readonly<Partial<Record<IdSection, 'all' | Readonly<Record<string, TakenId>>>>>;

export interface TakenId {
  /** The record that has the id, fit to be shown: "user “bob” of realm “dev”". */
  readonly other: string;
  /** The id that the record itself has on the target goes to another one: it cannot fall back on it in an overwrite. */
  readonly yields?: true;
}

/**
 * What a look-up by the record's own key would miss. Handed in, since finding it takes sorting or another realm's data
 * (claims.ts and collisions.ts have the rules). All are asked in key order, several times.
 */
export interface PlanLookups {
  /** In order of `username`. */
  readonly emailCollisions?: () => AsyncIterable<readonly Collision[]>;
  /** User names that differ only by case, in order of `username`. */
  readonly nameCollisions?: () => AsyncIterable<readonly Collision[]>;
  /** The other realm of the target environment that owns the client id. */
  readonly clientIdOwner?: (clientId: string) => Awaitable<string | undefined>;
  /** The key under which the target has the client, which was created for this one of the source and got it there. */
  readonly issuedAs?: (clientId: string) => string | undefined;
  /** The other way round: the source's client for which the target's was created. */
  readonly issuedFor?: (clientId: string) => string | undefined;
  /** The other realm of the target environment that owns the link. */
  readonly socialLinkOwner?: (provider: string, providerUserId: string) => Awaitable<string | undefined>;
  /** Of a record to be created: another one, whose key the target's server takes for the same. Undefined: none is. */
  readonly sameKey?: (section: LooseSection, key: string) => string | undefined;
  /** Undefined: no id of the source is taken, as far as this route can tell. */
  readonly takenIds?: TakenIds;
}

export interface Losses {
  /** Users who are on the target and will not be afterwards. */
  readonly users: number;
  /** Users who stay or return, but without the password they have now. */
  readonly passwordHashes: number;
  /** Other credentials of users who stay or return: how many users lose theirs, by type ("TOTP"). Undefined: none. */
  readonly otherCredentials?: Readonly<Record<string, number>>;
  readonly clientSecrets: number;
  /** Of these, so many of which the target does not tell whether there are any: they are lost at most. Undefined: none. */
  readonly unseen?: { readonly passwordHashes?: number; readonly clientSecrets?: number };
  /** How many sessions end cannot be told over the Admin API: "all" of the realm, or none. */
  readonly sessions: 'all' | 0;
  /** Other records deleted with nothing in their place, by section; credentials and links with their users. */
  readonly records: Partial<Record<Section, number>>;
}

export type SectionCounts = Readonly<Partial<Record<Section, number>>>;

export type ActionCounts = Readonly<Record<Action, number>>;

export interface PlanSummary {
  readonly mode: 'create' | 'merge' | 'overwrite' | 'remove';
  /** Deletes or replaces something that exists: needs the realm's name as confirmation. */
  readonly destructive: boolean;
  /** Has conflicts that must be settled first: it cannot be applied. */
  readonly blocked: boolean;
  /** Nothing to write. */
  readonly empty: boolean;
  /** Afterwards there is no realm of this name, only what a deleted one had left behind. */
  readonly leavesNoRealm?: true;
  /** What a deleted realm of its name left behind is deleted first: how much of it, and how much stays. */
  readonly leftovers?: { readonly deleted: SectionCounts; readonly staying: SectionCounts };
  /** Role mappings of deleted users that stay, and then point at nobody. Undefined: none, or none that can be seen. */
  readonly orphanedRoleMappings?: number;
  readonly losses: Losses;
  readonly sections: Partial<Record<Section, ActionCounts>>;
  /** Members that this route cannot set, with how many records that concerns. */
  readonly cannotSet: readonly {
    readonly section: Section;
    readonly member: string;
    readonly records: number;
  }[];
  readonly warnings: readonly string[];
  /**
   * How those of the warnings that speak of what will be are told once it was done: by the warning. Null: not at all, since
   * the outcome tells it. Absent in plans of an older Drawbridge.
   */
  readonly afterwards?: Readonly<Record<string, string | null>>;
  /** Where the route has several channels: how many items are written through each. */
  readonly channels?: Readonly<Partial<Record<RouteChannel, number>>>;
  /** Records that keep another id than the source's, which no merge can change; only where the policy is `exact`. */
  readonly idsDiffer?: number;
  /** Hash over every item in order: the apply derives the items again and must come to the same. */
  readonly digest: string;
}

export interface PlanContext {
  readonly policy: Policy;
  readonly route: RouteCapabilities;
  /** Name of the realm on the target. */
  readonly targetRealm: string;
  readonly targetExists: boolean;
  /**
   * What a deleted realm of the target's name left behind, as `leftoverCounts` of its sides tells: sections of which there
   * is something. Undefined: the realm exists.
   */
  readonly targetLeftovers?: SectionCounts;
  /** The source is what a deleted realm left behind: `isOfNoRealm` tells. Undefined: false. */
  readonly sourceIsOfNoRealm?: boolean;
  /** The source contradicts itself: it may lack records that were there, so that their absence says nothing. Undefined: false. */
  readonly sourceInDoubt?: boolean;
  /** What the source's snapshot lacks although it may be there: its channel cannot tell it. Undefined: nothing. */
  readonly sourceLacks?: readonly Missing[];
  /** What the target's capture found that no snapshot can hold (mappings that point nowhere): gone once it is replaced. */
  readonly targetFindings?: readonly string[];
}
