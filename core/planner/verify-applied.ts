import type { FoundAgain } from '../../contract/found-again.ts';
import { compareSection } from '../compare/compare-section.ts';
import type { Difference, MemberChange } from '../compare/difference.ts';
import { recordFinder } from '../compare/record-finder.ts';
import { recordComparer } from '../compare/member-changes.ts';
import { emptySide, type SectionSide, type SnapshotSides } from '../compare/section-side.ts';
import type { SectionRoute } from '../connectors/connector.ts';
import { compareKeys } from '../model/key-order.ts';
import { parseLine } from '../model/exact-json.ts';
import { MEMBERS } from '../model/members.ts';
import type { JsonObject } from '../model/record.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { isIdSection } from './ids.ts';
import {
  isPlanItem,
  writes,
  written,
  type PlanContext,
  type PlanEntry,
  type PlanItem,
  type PlanSummary,
} from './plan.ts';
import { sectionMode, type PlanMode } from './section-plan.ts';
import { SideCursor } from './side-cursor.ts';

/** Where the target is not as the plan promised. */
export interface Deviation {
  readonly section: Section;
  readonly key: string;
  /** `missing`: it should be there. `unexpected`: it should not. `differs`: in these members, from promised to found. */
  readonly kind: 'missing' | 'unexpected' | 'differs';
  readonly changes: readonly MemberChange[];
  /** It should not be yet, and is, as the plan promised. */
  readonly isAhead?: true;
}

/**
 * What may be found of a record of a plan that is not applied to its end; any of what is `true` will do.
 *
 * - `promised`: as the plan promised. `before`: as it was. `absent`: not there.
 * - `between`: some of its members are as promised already, the others as before, or not there yet.
 */
export type Expectation = Readonly<Partial<Record<'promised' | 'before' | 'absent' | 'between', true>>>;

export const APPLIED: Expectation = { promised: true };

export interface Verification {
  readonly context: PlanContext;
  /** The target as the plan was made for it. */
  readonly before: SnapshotSides;
  /** The target as it is now. */
  readonly after: SnapshotSides;
  /** The plan, derived again. */
  readonly entries: AsyncIterable<readonly PlanEntry[]>;
  /** Where records stand under keys that the server gave them: those keys, by the source's. */
  readonly issued?: (section: Section) => ReadonlyMap<string, string>;
  /** Items whose writing is known to have failed: of these nothing is expected. */
  readonly failed?: (section: Section, key: string) => boolean;
  /** Is told what stands there of each of these, as far as the new capture shows it. */
  readonly onFailed?: (section: Section, key: string, found: FoundAgain) => void;
  /** What is to be found of an item that writes; undefined: the plan was applied to its end. */
  readonly expected?: (item: PlanItem) => Expectation;
  readonly signal?: AbortSignal;
}

const BATCH = 1_000;

/**
 * Holds the target, captured again, against what the plan promised: what was written is there in each promised member,
 * what was deleted is gone, and everything else is as it was. Reads of both captures what differs between them and what
 * the plan wrote.
 *
 * A section that the new capture does not contain cannot be checked (`unverifiable` names those).
 *
 * @throws AppError CANCELED; what reading a chunk throws
 */
export async function* verifyApplied(verification: Verification): AsyncIterable<readonly Deviation[]> {
  const items = new BatchReader(itemsOf(verification.entries, verification.after));
  const goneRoles = new Set<string>();
  let found: Deviation[] = [];
  try {
    for (const section of SECTIONS) {
      for await (const deviation of verifySection(verification, section, items, goneRoles)) {
        found.push(deviation);
        if (found.length < BATCH) continue;
        yield found;
        found = [];
      }
    }
    if (found.length > 0) yield found;
  } finally {
    await items.close();
  }
}

/** The sections in which the plan wrote something that the new capture cannot show. */
export function unverifiable(summary: PlanSummary, after: SnapshotSides): Section[] {
  return SECTIONS.filter((section) => {
    const counts = summary.sections[section];
    if (!counts || after[section]) return false;
    const rewritten = summary.mode === 'overwrite' ? counts.unchanged : 0;
    return counts.create + counts.update + counts.delete + rewritten > 0;
  });
}

async function* verifySection(
  verification: Verification,
  section: Section,
  items: BatchReader<PlanItem>,
  goneRoles: Set<string>,
): AsyncIterable<Deviation> {
  const { context, before, after, issued, failed = () => false, onFailed, signal } = verification;
  const { expected = () => APPLIED } = verification;
  const now = after[section];
  if (!now) return;
  const mode = sectionMode(context, section);
  const was = before[section];
  const route = context.route.sections[section];
  const newKeys = issued?.(section) ?? NO_KEYS;
  const check = itemCheck({ section, mode, route, before: was, now, goneRoles, newKeys, expected });
  const differences = new BatchReader(differencesOf(mode, was, now, signal));
  for (;;) {
    if (items.isDrained) await items.fill();
    if (differences.isDrained) await differences.fill();
    const item = items.head?.section === section ? items.head : undefined;
    const d = differences.head;
    if (!item && !d) return;
    const order = !item ? 1 : !d ? -1 : compareKeys(item.key, d.key);
    if (item && order <= 0) {
      const there = order === 0 ? d : undefined;
      if (failed(section, item.key)) {
        const found = onFailed && (await check.failed(item, there));
        if (found) onFailed(section, item.key, found);
      } else {
        const checked = check.item(item, there);
        const deviation = checked instanceof Promise ? await checked : checked;
        if (deviation) yield deviation;
      }
      if (item.action === 'delete' && section === 'roles' && mode !== 'overwrite' && expected(item).promised)
        goneRoles.add(item.key);
      items.shift();
    } else if (d && !failed(section, d.key)) {
      const deviation = check.untouched(d);
      if (deviation) yield deviation;
    }
    if (order >= 0) differences.shift();
  }
}

const NO_KEYS: ReadonlyMap<string, string> = new Map();

interface Check {
  item(item: PlanItem, d: Difference | undefined): Deviation | undefined | Promise<Deviation | undefined>;
  /** A difference of a record that the plan did not touch. */
  untouched(d: Difference): Deviation | undefined;
  /** What stands there of an item that failed; undefined: that cannot be known. */
  failed(item: PlanItem, d: Difference | undefined): Promise<FoundAgain | undefined>;
}

function itemCheck(of: {
  readonly section: Section;
  readonly mode: PlanMode;
  readonly route: SectionRoute;
  readonly before: SectionSide | undefined;
  readonly now: SectionSide;
  readonly goneRoles: ReadonlySet<string>;
  readonly newKeys: ReadonlyMap<string, string>;
  readonly expected: (item: PlanItem) => Expectation;
}): Check {
  const { section, mode, route, before, now, goneRoles, newKeys, expected } = of;
  const givenKeys = new Set(newKeys.values());
  const nowAt = new SideCursor(now);
  // What was created has the promised members and the server's defaults; what was updated has all that it had.
  const created = recordComparer(section, [], now.knows);
  const updated = recordComparer(section, before?.knows ?? [], now.knows);
  const kept = keptMembers(route, section);

  function untouched(d: Difference): Deviation | undefined {
    const at = { section, key: d.key };
    if (d.kind === 'added' && givenKeys.has(d.key)) return undefined;
    if (d.kind === 'added') return { ...at, kind: 'unexpected', changes: [] };
    if (d.kind === 'removed') return { ...at, kind: 'missing', changes: [] };
    return differing(at, updated.changes(withoutRoles(parseLine(d.left), goneRoles), parseLine(d.right)));
  }

  function item(item: PlanItem, d: Difference | undefined): ReturnType<Check['item']> {
    if (!writes(item) && item.action !== 'delete') return d && untouched(d);
    const expectation = expected(item);
    if (expectation !== APPLIED) return onTheWay(item, d, expectation);
    return applied(item, d);
  }

  function applied(item: PlanItem, d: Difference | undefined): ReturnType<Check['item']> {
    if (item.underNewKey) return underNewKey(item);
    if (d) return held(item, d.kind === 'removed' ? undefined : d.right);
    const found = nowAt.find(item.key);
    return found instanceof Promise
      ? found.then((record) => held(item, record?.line))
      : held(item, found?.line);
  }

  async function onTheWay(
    item: PlanItem,
    d: Difference | undefined,
    may: Expectation,
  ): Promise<Deviation | undefined> {
    const at = { section, key: item.key };
    const unlikeBefore = d && untouched(d);
    if (may.before && !unlikeBefore) return undefined;
    const found = d ? (d.kind === 'removed' ? undefined : d.right) : (await nowAt.find(item.key))?.line;
    if (may.absent && !found) return undefined;
    const unlikePromise = await applied(item, d);
    if (may.promised && !unlikePromise) return undefined;
    if (may.between && (!unlikePromise || isBetween(unlikePromise, unlikeBefore, d))) return undefined;
    const deviation = may.promised ? unlikePromise : unlikeBefore;
    return {
      ...(deviation ?? { ...at, kind: found ? 'unexpected' : 'missing', changes: [] }),
      ...(!unlikePromise && { isAhead: true as const }),
    };
  }

  async function failed(item: PlanItem, d: Difference | undefined): Promise<FoundAgain | undefined> {
    if (!writes(item) && item.action !== 'delete') return undefined;
    // Which key the server gave to what it may have made, nobody knows.
    if (item.underNewKey && !newKeys.has(item.key)) return undefined;
    const unlikePromise = await applied(item, d);
    if (unlikePromise?.kind === 'missing') return 'absent';
    const isLikeBefore = !item.underNewKey && !(d && untouched(d));
    if (unlikePromise && !isLikeBefore) return 'other';
    // What cannot be read again, such as a password, may be there or not; and nobody knew what was there before.
    if (writesUnseen(item) || (unlikePromise && !before)) return undefined;
    return unlikePromise ? 'as-before' : 'as-promised';
  }

  function writesUnseen(item: PlanItem): boolean {
    return Object.keys(written(item) ?? {}).some((name) => !isSeen(name));
  }

  /** Ids and times are the server's where they are not promised. */
  function isSeen(name: string): boolean {
    const known = MEMBERS[section].find((member) => member.name === name);
    return now.knows.includes(name) || known?.key === true || known?.volatile === true;
  }

  /** Each member is as promised or as before; of a list, some of what is to be added may be there. */
  function isBetween(
    fromPromise: Deviation,
    fromBefore: Deviation | undefined,
    d: Difference | undefined,
  ): boolean {
    if (fromPromise.kind !== 'differs') return false;
    const was = d && 'left' in d ? parseLine(d.left) : {};
    const moved = new Set(fromBefore?.changes.map(({ member }) => member));
    return fromPromise.changes.every(({ member, from, to }) => {
      if (d?.kind === 'changed' && !moved.has(member)) return true;
      const [promised, before, found] = [from, was[member], to].map((value) =>
        value === undefined || value === null ? [] : value,
      );
      if (!Array.isArray(promised) || !Array.isArray(before) || !Array.isArray(found)) return false;
      const known = new Set([...promised, ...before].map((value) => JSON.stringify(value)));
      return found.every((value) => known.has(JSON.stringify(value)));
    });
  }

  async function underNewKey(item: PlanItem): Promise<Deviation | undefined> {
    const given = newKeys.get(item.key);
    const found = given === undefined ? undefined : await recordFinder(now).find(given);
    return held(item, found?.line);
  }

  function held(item: PlanItem, found: Buffer | undefined): Deviation | undefined {
    const at = { section, key: item.key };
    if (item.action === 'delete') return found && { ...at, kind: 'unexpected', changes: [] };
    if (!found) return { ...at, kind: 'missing', changes: [] };
    // Most of a large import comes back byte for byte.
    if (item.line?.equals(found) && goneRoles.size === 0) return undefined;
    const isCreated = item.action === 'create' || mode === 'overwrite';
    const promise = withoutRoles(item.promise ?? written(item) ?? {}, goneRoles);
    const body = parseLine(found);
    const changes = (isCreated ? created : updated).changes(promise, body);
    return differing(at, isCreated ? [...changes, ...keptChanges(promise, body)] : changes);
  }

  /** Ids and times of creation are promised where the route can set them; otherwise each server has its own. */
  function keptChanges(promise: JsonObject, body: JsonObject): MemberChange[] {
    return kept.flatMap((name): MemberChange[] => {
      const from = promise[name] ?? null;
      const to = body[name] ?? null;
      if (from === null || from === to || (to === null && !now.knows.includes(name))) return [];
      return [{ member: name, from, ...(to === null ? {} : { to }) }];
    });
  }

  return { item, untouched, failed };
}

/** Of the ids only those to which others refer are decided by the plan. */
function keptMembers({ createMembers }: SectionRoute, section: Section): string[] {
  const names = isIdSection(section) ? ['id', 'createdAt'] : ['createdAt'];
  return createMembers === 'all' ? [] : names.filter((name) => createMembers.includes(name));
}

function differing(
  at: Pick<Deviation, 'section' | 'key'>,
  changes: readonly MemberChange[],
): Deviation | undefined {
  return changes.length === 0 ? undefined : { ...at, kind: 'differs', changes };
}

/** Deleting a role takes it from everyone who had it. */
function withoutRoles(body: JsonObject, gone: ReadonlySet<string>): JsonObject {
  const roles = body['roles'];
  if (gone.size === 0 || !Array.isArray(roles)) return body;
  return { ...body, roles: roles.filter((role) => typeof role !== 'string' || !gone.has(role)) };
}

/** What differs between the two captures. Where nobody knew what was there, only an overwrite tells what may be there now. */
async function* differencesOf(
  mode: PlanMode,
  before: SectionSide | undefined,
  now: SectionSide,
  signal: AbortSignal | undefined,
): AsyncIterable<readonly Difference[]> {
  if (!before && mode === 'merge') return;
  for await (const stretch of compareSection(before ?? emptySide(now.section), now, signal))
    if (stretch.kind === 'records') yield stretch.records.filter(({ kind }) => kind !== 'same');
}

/** The plan's items, without those of a section that cannot be checked. */
async function* itemsOf(
  entries: AsyncIterable<readonly PlanEntry[]>,
  after: SnapshotSides,
): AsyncIterable<readonly PlanItem[]> {
  for await (const batch of entries) yield batch.filter(isPlanItem).filter(({ section }) => after[section]);
}

/** Walks along a stream of batches without waiting within one. */
class BatchReader<T> {
  readonly #batches: AsyncIterator<readonly T[]>;
  #batch: readonly T[] = [];
  #next = 0;
  #ended = false;

  constructor(batches: AsyncIterable<readonly T[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** Undefined: at the end, once it is not drained. */
  get head(): T | undefined {
    return this.#batch[this.#next];
  }

  get isDrained(): boolean {
    return this.#next >= this.#batch.length && !this.#ended;
  }

  async fill(): Promise<void> {
    while (this.isDrained) {
      const { done, value } = await this.#batches.next();
      this.#ended = done === true;
      this.#batch = done === true ? [] : value;
      this.#next = 0;
    }
  }

  shift(): void {
    this.#next++;
  }

  /** What the stream holds open is let go of, also where it is not read to its end. */
  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}
