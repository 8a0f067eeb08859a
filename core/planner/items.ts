import { ROUTE_CHANNELS } from '../../contract/plan.ts';
import type { Difference, MemberChange } from '../compare/difference.ts';
import { parseLine } from '../model/exact-json.ts';
import type { JsonObject } from '../model/record.ts';
import type { Channel } from '../model/snapshot.ts';
import type { PlanItem, PlanNote, Reason, RouteChannel } from './plan.ts';
import { cannotSetSentence, noteSentence } from './notes.ts';
import type { SectionPlan } from './section-plan.ts';

/** What is known about an item before its sentences are added. */
export interface ItemFacts {
  readonly action: PlanItem['action'];
  readonly reason: Reason;
  readonly other?: string | undefined;
  readonly changes?: readonly MemberChange[];
  readonly write?: JsonObject;
  readonly promise?: JsonObject;
  readonly cannotSet?: readonly string[];
  readonly notes?: readonly PlanNote[];
  readonly warning?: string;
}

export function item(plan: SectionPlan, key: string, facts: ItemFacts): PlanItem {
  const { cannotSet = [], notes = [] } = facts;
  return {
    section: plan.section,
    key,
    action: facts.action,
    reason: facts.reason,
    ...(facts.other === undefined ? {} : { other: facts.other }),
    changes: facts.changes ?? [],
    warnings: [
      ...(facts.warning === undefined ? [] : [facts.warning]),
      ...notes.map(noteSentence),
      ...(cannotSet.length === 0 ? [] : [cannotSetSentence(cannotSet, plan.capabilities)]),
    ],
    ...(facts.write === undefined ? {} : { write: facts.write }),
    ...(facts.promise === undefined ? {} : { promise: facts.promise }),
    ...(cannotSet.length === 0 ? {} : { cannotSet }),
    ...(notes.length === 0 ? {} : { notes }),
    ...channelsOf(plan, facts),
  };
}

/** In an overwrite what returns is created, and all else goes with the realm, whatever channel deletes that. */
function channelsOf(plan: SectionPlan, { action, write }: ItemFacts): { channels?: readonly RouteChannel[] } {
  const { channels } = plan.route;
  if (!channels) return {};
  const goesWithRealm = plan.mode === 'overwrite' || plan.mode === 'remove';
  if (action === 'delete') {
    const ofRealm = plan.capabilities.sections.realm.channels?.delete ?? channels.delete;
    return named([goesWithRealm ? ofRealm : channels.delete]);
  }
  if (!write) return {};
  if (action === 'create' || goesWithRealm) return named([channels.create]);
  return named(
    Object.entries(write).flatMap(([member, value]) =>
      value === null && member in channels.update ? channels.empty : (channels.update[member] ?? []),
    ),
  );
}

function named(channels: readonly Channel[]): { channels?: readonly RouteChannel[] } {
  const used = ROUTE_CHANNELS.filter((channel) => channels.includes(channel));
  return used.length === 0 ? {} : { channels: used };
}

/** As `item`, for a record that is written as its line stands: without what a lean plan leaves out. */
export function plainItem(plan: SectionPlan, key: string, facts: PlainFacts): PlanItem {
  const { action, reason, line } = facts;
  const { section } = plan;
  const plain = { section, key, action, reason, changes: NONE, warnings: NONE, line };
  return plan.route.channels ? { ...plain, ...named([plan.route.channels.create]) } : plain;
}

interface PlainFacts {
  readonly action: 'create' | 'unchanged';
  readonly reason: Reason;
  readonly line: Buffer;
}

const NONE: readonly never[] = [];

export function withNotes(of: PlanItem, notes: readonly PlanNote[]): PlanItem {
  if (notes.length === 0) return of;
  return {
    ...of,
    notes: [...(of.notes ?? []), ...notes],
    warnings: [...of.warnings, ...notes.map(noteSentence)],
  };
}

/** @param isSeen whether the target tells that there is such a thing */
export function withLoss(
  of: PlanItem,
  loses: NonNullable<PlanItem['loses']>,
  isSeen: boolean = true,
): PlanItem {
  const sentence = isSeen ? LOSS_SENTENCES[loses] : UNSEEN_LOSS_SENTENCES[loses];
  return {
    ...of,
    loses,
    ...(!isSeen && { lossUnseen: true as const }),
    warnings: [...of.warnings, sentence],
  };
}

/** Told before and after it is so. */
export const LOSS_SENTENCES: Readonly<Record<NonNullable<PlanItem['loses']>, string>> = {
  passwordHash: 'The password is lost: it has to be reset afterwards.',
  otherCredential: 'It is lost, and the user stays: they have to set it up again.',
  clientSecret: 'The client secret is lost: it needs a new one.',
};

/** Where the target does not tell whether there is one. */
export const UNSEEN_LOSS_SENTENCES: typeof LOSS_SENTENCES = {
  passwordHash:
    'A password, if there is one (the target does not tell), is lost: it has to be reset afterwards.',
  otherCredential: LOSS_SENTENCES.otherCredential,
  clientSecret: 'A client secret, if there is one (the target does not tell), is lost: it needs a new one.',
};

/** A record of the source that is not written, for a reason that a policy settles: `stop` blocks, `skip` leaves it out. */
export function leftOut(
  plan: SectionPlan,
  d: Difference,
  decision: 'stop' | 'skip',
  why: { readonly reason: Reason; readonly other?: string | undefined; readonly warning?: string },
): PlanItem {
  const changes = d.kind === 'changed' ? d.changes : [];
  if (decision === 'stop') return item(plan, d.key, { action: 'conflict', changes, ...why });
  if (plan.mode === 'overwrite' && d.kind !== 'added')
    return item(plan, d.key, {
      action: 'delete',
      reason: 'deleted-with-realm',
      other: why.other,
      warning: LEFT_OUT_YET_DELETED[why.reason] ?? 'It is left out, yet overwriting the realm deletes it.',
    });
  return item(plan, d.key, { action: 'skip', changes, ...why });
}

const LEFT_OUT_YET_DELETED: Partial<Record<Reason, string>> = {
  excluded: 'It is excluded, yet overwriting the realm deletes it.',
  'route-cannot': 'This channel cannot create it again, yet overwriting the realm deletes it.',
  'email-taken': 'It is left out for its e-mail address, yet overwriting the realm deletes it.',
};

/** The two bodies of a difference, parsed once and prepared. */
export class Bodies {
  readonly #d: Difference;
  readonly #plan: SectionPlan;
  #left: JsonObject | undefined;
  #right: JsonObject | undefined;

  constructor(plan: SectionPlan, d: Difference) {
    this.#d = d;
    this.#plan = plan;
  }

  get left(): JsonObject {
    return (this.#left ??= this.#d.kind === 'added' ? {} : parseLine(this.#d.left));
  }

  get right(): JsonObject {
    return (this.#right ??= this.#d.kind === 'removed' ? {} : this.#prepared(parseLine(this.#d.right)));
  }

  #prepared(source: JsonObject): JsonObject {
    return this.#plan.prepare?.(source) ?? source;
  }
}
