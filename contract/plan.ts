import { z } from 'zod';
import { memberChange } from './comparison.ts';
import { section } from './snapshot.ts';

export const ACTIONS = ['create', 'update', 'unchanged', 'skip', 'delete', 'conflict'] as const;

/** The ways over which an environment is written to. */
export const ROUTE_CHANNELS = ['admin-api', 'postgres'] as const;
const routeChannel = z.enum(ROUTE_CHANNELS);

export const policyInput = z.strictObject({
  /** The realm exists on the target. `overwrite` deletes and recreates it; `remove` deletes it, and needs no source. */
  realm: z.enum(['stop', 'merge', 'overwrite', 'remove']).optional(),
  users: z.enum(['skip', 'merge']).optional(),
  clients: z.enum(['stop', 'skip', 'update']).optional(),
  extra: z.enum(['keep', 'delete']).optional(),
  unsupported: z.enum(['stop', 'skip']).optional(),
  conflicts: z.enum(['stop', 'skip']).optional(),
  /** A user to be created whose name differs only by case from one on the target. */
  caseVariants: z.enum(['stop', 'create']).optional(),
  /** The realm does not exist, but records that a deleted one of its name left behind do. */
  leftovers: z.enum(['stop', 'adopt', 'remove']).optional(),
  /**
   * Clients where the server gives each an id and a secret of its own: `create` makes new ones like those of the source,
   * `leave` leaves them out. Not given: as `unsupported` says.
   */
  issuedClients: z.enum(['leave', 'create']).optional(),
  /** The target becomes the source in everything that the source knows, empty values and secrets included. */
  exact: z.literal(true).optional(),
  sections: z.array(section).optional(),
  exclude: z.array(z.string()).optional(),
  /**
   * "users/alice", "clients/portal": changed where they exist, with what belongs to these users, whatever is decided of
   * others that exist. An asterisk is part of a name.
   */
  update: z.array(z.string().regex(/^(?:users|clients)\/./s, 'users/<name> or clients/<id>')).optional(),
  /** "users/alice": nothing but these records, the roles that they need, and what belongs to these users. */
  only: z.array(z.string()).optional(),
  realmName: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'lower-case letters, digits and hyphens')
    .optional(),
});
export type PolicyInput = z.infer<typeof policyInput>;

export const planItemView = z.object({
  section,
  key: z.string(),
  action: z.enum(ACTIONS),
  reason: z.string(),
  /** The reason as a sentence. */
  explanation: z.string(),
  other: z.string().optional(),
  changes: z.array(memberChange),
  warnings: z.array(z.string()),
  /** Where the route has several channels: those that this item is written through. */
  channels: z.array(routeChannel).optional(),
});
export type PlanItemView = z.infer<typeof planItemView>;

export const planView = z.object({
  plan: z.string(),
  createdAt: z.string(),
  applied: z.boolean(),
  source: z.object({
    snapshot: z.string(),
    realm: z.string(),
    environment: z.string().optional(),
    /** Of a copy in which every user is somebody else: where what it is a copy of was taken. */
    pseudonymized: z.object({ environment: z.string().optional() }).optional(),
  }),
  target: z.object({
    environment: z.string(),
    stage: z.string(),
    realm: z.string(),
    exists: z.boolean(),
    snapshot: z.string().optional(),
  }),
  mode: z.enum(['create', 'merge', 'overwrite', 'remove']),
  destructive: z.boolean(),
  blocked: z.boolean(),
  empty: z.boolean(),
  /** Afterwards there is no realm of this name, only what a deleted one had left behind. */
  leavesNoRealm: z.literal(true).optional(),
  /**
   * The realm does not exist, and what one of its name left behind is deleted before it is created (`leftovers: remove`):
   * how many records of each section, and how many stay for want of a way to delete them, and are taken over.
   */
  leftovers: z
    .object({
      deleted: z.partialRecord(section, z.number().int()),
      staying: z.partialRecord(section, z.number().int()),
    })
    .optional(),
  /** Role mappings of users who are deleted that this route cannot delete: they stay, and point at nobody. */
  orphanedRoleMappings: z.number().int().optional(),
  losses: z.object({
    users: z.number().int(),
    passwordHashes: z.number().int(),
    /** How many users who stay lose another credential, by its type. */
    otherCredentials: z.record(z.string(), z.number().int()).optional(),
    clientSecrets: z.number().int(),
    /** Of these, so many of which the target does not tell whether there are any: they are lost at most. */
    unseen: z
      .object({ passwordHashes: z.number().int().optional(), clientSecrets: z.number().int().optional() })
      .optional(),
    sessions: z.union([z.literal('all'), z.literal(0)]),
    records: z.partialRecord(section, z.number().int()),
  }),
  sections: z.partialRecord(section, z.record(z.enum(ACTIONS), z.number().int())),
  cannotSet: z.array(z.object({ section, member: z.string(), records: z.number().int() })),
  warnings: z.array(z.string()),
  /** Where the route has several channels: how many items are written through each. */
  channels: z.partialRecord(routeChannel, z.number().int()).optional(),
  /** Records that keep another id than the source's; counted where the policy is `exact`. */
  idsDiffer: z.number().int().optional(),
  /** The job that it undoes: made by `rollback-plan`. */
  undoes: z.string().optional(),
  policy: policyInput,
});
export type PlanView = z.infer<typeof planView>;

export const planItemsInput = z.strictObject({
  plan: z.string(),
  actions: z.array(z.enum(ACTIONS)).optional(),
  sections: z.array(section).optional(),
  /** In the key, without regard to case. */
  text: z.string().optional(),
  /** How many of the items that fit to pass over. */
  from: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(10_000).default(100),
});

export const planItemsPage = z.object({
  items: z.array(planItemView),
  /** There are more behind them. */
  truncated: z.boolean(),
  /** How many fit. Missing while a plan that was made by another process, or long ago, is still being derived again. */
  total: z.number().int().optional(),
});
