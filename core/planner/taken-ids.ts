import { SECTION_WORDS } from '../../contract/sections.ts';
import { recordFinder } from '../compare/record-finder.ts';
import type { SnapshotSides } from '../compare/section-side.ts';
import type { IdSection } from '../connectors/connector.ts';
import { parseLine } from '../model/exact-json.ts';
import { displayKey } from '../model/natural-key.ts';
import { SECTIONS } from '../model/sections.ts';
import { isIdSection, keepsIds, usableId } from './ids.ts';
import type { PlanContext, TakenId, TakenIds } from './plan.ts';
import { firstComparison } from './first-comparison.ts';
import { firstLook } from './first-look.ts';
import { stretchesBetween } from './remembered-stretches.ts';
import { inputsBeforeLookups } from './plan-inputs.ts';
import { planMode, sectionPlan, type PlanInputs } from './section-plan.ts';

/** So many taken ids of a section are remembered one by one; if there are more, the whole section gets new ids. */
export const MOST_TAKEN_IDS = 100_000;

/** A record that the plan may create, and the id that the source has for it (UUID, lower case). */
export interface IdWish {
  readonly key: string;
  readonly id: string;
}

type Sides = { readonly target: SnapshotSides; readonly source: SnapshotSides };

/**
 * The ids that the plan would give to records which it creates and which do not have them on the target already, in
 * batches of at most 1,000: `Owners.ids` tells who has them, `TakenIdCollector` which of these cannot be given. Costs
 * what differs between the sides.
 *
 * @throws AppError USAGE, CANCELED; what reading a chunk throws
 */
export async function* idWishes(
  context: PlanContext,
  sides: Sides,
  signal?: AbortSignal,
): AsyncIterable<{ readonly section: IdSection; readonly wishes: readonly IdWish[] }> {
  const inputs = inputsBeforeLookups(context, sides, signal);
  await firstComparison(inputs);
  for (const section of SECTIONS) {
    if (!isIdSection(section) || !keepsIds(context.route, section)) continue;
    const plan = sectionPlan(inputs, section);
    if (!plan.source || plan.creatable !== 'yes') continue;
    for await (const stretch of stretchesBetween(plan.target, plan.source, signal)) {
      if (stretch.kind === 'equal') continue;
      const wishes = stretch.records.flatMap((d): IdWish[] => {
        if (d.kind === 'removed' || (d.kind !== 'added' && plan.mode !== 'overwrite')) return [];
        if (plan.exclusions.excludes(section, d.key)) return [];
        const id = usableId(parseLine(d.right)['id']);
        const isItsOwn = d.kind !== 'added' && id === usableId(parseLine(d.left)['id']);
        return id === undefined || isItsOwn ? [] : [{ key: keyOnTarget(context, section, d.key), id }];
      });
      if (wishes.length > 0) yield { section, wishes };
    }
  }
}

/** The realm takes another name on the way, all other records keep theirs. */
function keyOnTarget(context: PlanContext, section: IdSection, key: string): string {
  return section === 'realm' ? context.targetRealm : key;
}

interface Collected {
  readonly taken: Map<string, TakenId>;
  /** Records of the target whose id goes to another one. */
  readonly yielding: Set<string>;
}

/**
 * Decides which ids are taken. An id is free when its holder goes before the record is created: all of the realm itself
 * in an overwrite, and what the plan deletes otherwise. Holds at most 100,000 of each section.
 */
export class TakenIdCollector {
  readonly #context: PlanContext;
  readonly #inputs: PlanInputs;
  readonly #sections = new Map<IdSection, Collected>();
  readonly #finders = new Map<IdSection, ReturnType<typeof recordFinder> | undefined>();
  #mappedRoles: ReadonlySet<string> | undefined;

  constructor(context: PlanContext, sides: Sides, signal?: AbortSignal) {
    this.#context = context;
    this.#inputs = inputsBeforeLookups(context, sides, signal);
  }

  /** @param holders what `Owners.ids` answered for these wishes */
  async add(
    section: IdSection,
    wishes: readonly IdWish[],
    holders: ReadonlyMap<string, { readonly realm: string; readonly key: string }>,
  ): Promise<void> {
    const collected = this.#sections.get(section) ?? { taken: new Map(), yielding: new Set() };
    this.#sections.set(section, collected);
    for (const { key, id } of wishes) {
      const holder = holders.get(id);
      if (!holder || isFull(collected)) continue;
      const isOurs = holder.realm === this.#context.targetRealm;
      const isFree = isOurs && (await this.#goes(section, key, holder.key, collected));
      if (!isFree) collected.taken.set(key, { other: holderText(section, holder) });
    }
  }

  finish(): TakenIds {
    const entries = [...this.#sections].flatMap(
      ([section, collected]): [IdSection, TakenIds[IdSection]][] => {
        if (isFull(collected)) return [[section, 'all']];
        if (collected.taken.size === 0) return [];
        const taken = [...collected.taken].map(([key, of]): [string, TakenId] => [
          key,
          collected.yielding.has(key) ? { ...of, yields: true } : of,
        ]);
        return [[section, Object.fromEntries(taken)]];
      },
    );
    return Object.fromEntries(entries);
  }

  /** Whether the record of the target realm that has the id is gone, or has another one, when `wisher` is created. */
  async #goes(section: IdSection, wisher: string, holder: string, collected: Collected): Promise<boolean> {
    if (planMode(this.#context) !== 'overwrite') return this.#isDeleted(section, holder);
    if (wisher === holder) return true;
    const returning = await this.#inSource(section, holder);
    if (!returning) return true;
    // It falls back on the id that it has now when the source has none for it.
    if (usableId(parseLine(returning)['id']) === undefined) return false;
    collected.yielding.add(holder);
    return true;
  }

  async #isDeleted(section: IdSection, key: string): Promise<boolean> {
    const plan = sectionPlan(this.#inputs, section);
    if (plan.policy.extra !== 'delete' || !plan.source || !plan.route.delete) return false;
    if (plan.exclusions.excludes(section, key) || (await this.#inSource(section, key))) return false;
    if (section !== 'roles') return true;
    this.#mappedRoles ??= (await firstLook(this.#inputs)).mapped;
    return !this.#mappedRoles.has(key);
  }

  async #inSource(section: IdSection, key: string): Promise<Buffer | undefined> {
    if (!this.#finders.has(section)) {
      const { source } = sectionPlan(this.#inputs, section);
      this.#finders.set(section, source && recordFinder(source));
    }
    return (await this.#finders.get(section)?.find(key))?.line;
  }
}

function isFull({ taken, yielding }: Collected): boolean {
  return taken.size > MOST_TAKEN_IDS || yielding.size > MOST_TAKEN_IDS;
}

function holderText(section: IdSection, { realm, key }: { realm: string; key: string }): string {
  if (section === 'realm') return `the realm “${realm}”`;
  return `the ${SECTION_WORDS[section][0]} “${displayKey(key)}” of realm “${realm}”`;
}
