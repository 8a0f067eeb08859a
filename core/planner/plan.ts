import type { RouteCapabilities } from '../connectors/connector.ts';
import type { MemberChange } from '../compare/difference.ts';
import type { JsonObject } from '../model/record.ts';
import type { Section } from '../model/sections.ts';

/** What the administrator decided; the defaults are OpenGate's documented behaviour, or else the harmless choice. */
export interface Policy {
  /** The realm exists on the target. `overwrite` deletes and recreates it. */
  readonly realm: 'stop' | 'merge' | 'overwrite';
  readonly users: 'skip' | 'merge';
  readonly clients: 'stop' | 'skip' | 'update';
  /** Records that only the target has. */
  readonly extra: 'keep' | 'delete';
  /** What the route cannot write: `stop` makes it a conflict, `skip` leaves it out and says so. */
  readonly unsupported: 'stop' | 'skip';
  /** Conflicts of single records (an e-mail that belongs to another user, …): `skip` leaves those records out. */
  readonly conflicts: 'stop' | 'skip';
  /** Only these sections; undefined: all that the source has. */
  readonly sections?: readonly Section[];
  /** "users/alice": left out. */
  readonly exclude: readonly string[];
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

export const ACTIONS = ['create', 'update', 'unchanged', 'skip', 'delete', 'conflict'] as const;
export type Action = (typeof ACTIONS)[number];

/** Why an item has its action: a closed list, so that screens can group and explain. */
export type Reason =
  | 'only-in-source'
  | 'differs'
  | 'equal'
  | 'exists-policy-skip'
  | 'exists-policy-stop'
  | 'only-in-target-kept'
  | 'only-in-target-deleted'
  | 'replaced-with-realm'
  | 'deleted-with-realm'
  | 'excluded'
  | 'not-selected'
  | 'realm-exists'
  | 'email-taken'
  | 'client-id-taken'
  | 'social-link-taken'
  | 'differs-only-by-case'
  | 'route-cannot'
  | 'source-unknown'
  | 'created-by-mapping';

export interface PlanItem {
  readonly section: Section;
  readonly key: string;
  readonly action: Action;
  readonly reason: Reason;
  /** The other party of a conflict ("bob" whose e-mail it is), fit to be shown. */
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
   * The record that will stand on the target afterwards, as far as the plan can promise it; undefined: none. What the
   * verification after the apply is held against.
   */
  readonly promise?: JsonObject;
}

export interface Losses {
  /** Users who are on the target and will not be afterwards. */
  readonly users: number;
  /** Users who stay or return, but without the password they have now. */
  readonly passwordHashes: number;
  readonly clientSecrets: number;
  /** How many sessions end cannot be told over the Admin API: "all" of the realm, or none. */
  readonly sessions: 'all' | 0;
  /** Other records deleted with nothing in their place, by section. */
  readonly records: Partial<Record<Section, number>>;
}

export type ActionCounts = Readonly<Record<Action, number>>;

export interface PlanSummary {
  readonly mode: 'create' | 'merge' | 'overwrite';
  /** Deletes or replaces something that exists: needs the realm's name as confirmation. */
  readonly destructive: boolean;
  /** Has conflicts that must be settled first: it cannot be applied. */
  readonly blocked: boolean;
  /** Nothing to write. */
  readonly empty: boolean;
  readonly losses: Losses;
  readonly sections: Partial<Record<Section, ActionCounts>>;
  /** Members that this route cannot set, with how many records that concerns. */
  readonly cannotSet: readonly {
    readonly section: Section;
    readonly member: string;
    readonly records: number;
  }[];
  readonly warnings: readonly string[];
  /** Hash over every item in order: the apply derives the items again and must come to the same. */
  readonly digest: string;
}

export interface PlanContext {
  readonly policy: Policy;
  readonly route: RouteCapabilities;
  /** Name of the realm on the target. */
  readonly targetRealm: string;
  readonly targetExists: boolean;
}
