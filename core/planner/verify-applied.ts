import { compareSection } from '../compare/compare-section.ts';
import type { Difference, MemberChange } from '../compare/difference.ts';
import { recordComparer } from '../compare/member-changes.ts';
import { recordFinder } from '../compare/record-finder.ts';
import { emptySide, type SectionSide, type SnapshotSides } from '../compare/section-side.ts';
import type { SectionRoute } from '../connectors/connector.ts';
import { compareKeys } from '../model/key-order.ts';
import { parseLine } from '../model/exact-json.ts';
import type { JsonObject } from '../model/record.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { isIdSection } from './ids.ts';
import { isPlanItem, type PlanContext, type PlanEntry, type PlanItem, type PlanSummary } from './plan.ts';
import { planMode, type PlanMode } from './section-plan.ts';

/** Where the target is not as the plan promised. */
export interface Deviation {
  readonly section: Section;
  readonly key: string;
  /** `missing`: it should be there. `unexpected`: it should not. `differs`: in these members, from promised to found. */
  readonly kind: 'missing' | 'unexpected' | 'differs';
  readonly changes: readonly MemberChange[];
}

export interface Verification {
  readonly context: PlanContext;
  /** The target as the plan was made for it. */
  readonly before: SnapshotSides;
  /** The target as it is now. */
  readonly after: SnapshotSides;
  /** The plan, derived again. */
  readonly entries: AsyncIterable<readonly PlanEntry[]>;
  /** Items whose writing is known to have failed: of these nothing is expected. */
  readonly failed?: (section: Section, key: string) => boolean;
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
  const items = new ItemStream(verification.entries);
  const goneRoles = new Set<string>();
  let found: Deviation[] = [];
  for (const section of SECTIONS) {
    for await (const deviation of verifySection(verification, section, items, goneRoles)) {
      found.push(deviation);
      if (found.length < BATCH) continue;
      yield found;
      found = [];
    }
  }
  if (found.length > 0) yield found;
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
  { context, before, after, failed = () => false, signal }: Verification,
  section: Section,
  items: ItemStream,
  goneRoles: Set<string>,
): AsyncIterable<Deviation> {
  const now = after[section];
  if (!now) {
    await items.passOver(section);
    return;
  }
  const mode = planMode(context);
  const was = before[section];
  const route = context.route.sections[section];
  const check = itemCheck({ section, mode, route, before: was, now, goneRoles });
  const differences = differencesOf(mode, was, now, signal);
  let d = await differences.next();
  for (let item = await items.next(section); item || d.value;) {
    const order = !item ? 1 : !d.value ? -1 : compareKeys(item.key, d.value.key);
    if (item && order <= 0) {
      const deviation = failed(section, item.key)
        ? undefined
        : await check.item(item, order === 0 ? d.value : undefined);
      if (deviation) yield deviation;
      if (item.action === 'delete' && section === 'roles' && mode === 'merge') goneRoles.add(item.key);
      item = await items.next(section);
    } else if (d.value && !failed(section, d.value.key)) {
      const deviation = check.untouched(d.value);
      if (deviation) yield deviation;
    }
    if (order >= 0) d = await differences.next();
  }
}

interface Check {
  item(item: PlanItem, d: Difference | undefined): Promise<Deviation | undefined>;
  /** A difference of a record that the plan did not touch. */
  untouched(d: Difference): Deviation | undefined;
}

function itemCheck(of: {
  readonly section: Section;
  readonly mode: PlanMode;
  readonly route: SectionRoute;
  readonly before: SectionSide | undefined;
  readonly now: SectionSide;
  readonly goneRoles: ReadonlySet<string>;
}): Check {
  const { section, mode, route, before, now, goneRoles } = of;
  const finder = recordFinder(now);
  // What was created has the promised members and the server's defaults; what was updated has all that it had.
  const created = recordComparer(section, [], now.knows);
  const updated = recordComparer(section, before?.knows ?? [], now.knows);
  const kept = keptMembers(route, section);

  function untouched(d: Difference): Deviation | undefined {
    const at = { section, key: d.key };
    if (d.kind === 'added') return { ...at, kind: 'unexpected', changes: [] };
    if (d.kind === 'removed') return { ...at, kind: 'missing', changes: [] };
    return differing(at, updated.changes(withoutRoles(parseLine(d.left), goneRoles), parseLine(d.right)));
  }

  async function item(item: PlanItem, d: Difference | undefined): Promise<Deviation | undefined> {
    if (!item.write && item.action !== 'delete') return d && untouched(d);
    const at = { section, key: item.key };
    const found = await finder.find(item.key);
    if (item.action === 'delete') return found && { ...at, kind: 'unexpected', changes: [] };
    if (!found) return { ...at, kind: 'missing', changes: [] };
    const isCreated = item.action === 'create' || mode === 'overwrite';
    const promise = withoutRoles(item.promise ?? {}, goneRoles);
    const body = parseLine(found.line);
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

  return { item, untouched };
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
): AsyncGenerator<Difference, undefined> {
  if (!before && mode === 'merge') return undefined;
  for await (const stretch of compareSection(before ?? emptySide(now.section), now, signal)) {
    if (stretch.kind === 'records') for (const d of stretch.records) if (d.kind !== 'same') yield d;
  }
  return undefined;
}

/** The plan's items, section by section. */
class ItemStream {
  readonly #batches: AsyncIterator<readonly PlanEntry[]>;
  #items: readonly PlanItem[] = [];
  #next = 0;
  #ended = false;

  constructor(batches: AsyncIterable<readonly PlanEntry[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** The next item of this section; undefined when the next one, if any, belongs to another. */
  async next(section: Section): Promise<PlanItem | undefined> {
    while (this.#next >= this.#items.length && !this.#ended) {
      const { done, value } = await this.#batches.next();
      this.#ended = done === true;
      this.#items = done === true ? [] : value.filter(isPlanItem);
      this.#next = 0;
    }
    const head = this.#items[this.#next];
    if (head?.section !== section) return undefined;
    this.#next++;
    return head;
  }

  async passOver(section: Section): Promise<void> {
    while (await this.next(section));
  }
}
