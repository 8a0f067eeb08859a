import type { PlanItemView } from '../../../contract/plan.ts';
import { ROUTE_CHANNELS } from '../../../contract/plan.ts';
import { displayKey } from '../../model/natural-key.ts';
import type { Section } from '../../model/sections.ts';
import { shownCreation } from '../../planner/creation.ts';
import { explain } from '../../planner/explain.ts';
import { parsePlainLine } from '../../planner/line-glance.ts';
import { isPlanItem, type PlanEntry, type PlanItem } from '../../planner/plan.ts';
import type { Entry } from './recorded-entries.ts';

/** What many items have alike. */
type Common = [reason: PlanItem['reason'], warnings: readonly string[], channels: number, fromLine: boolean];
type Own = Partial<Pick<PlanItemView, 'other' | 'changes'>>;

/** Texts of what items have alike that are remembered; a plan has few. */
const REMEMBERED = 1_000;

/**
 * The items of a lean plan as they are recorded. Nearly all of a large plan are records to be created as they stand in the
 * source: of these only the key is kept, and they are told member by member when they are shown.
 */
export class PlanEntryMaker {
  readonly #common = new Map<string, string>();

  entriesOf(batch: readonly PlanEntry[]): Entry[] {
    return batch.filter(isPlanItem).map((item) => this.#entryOf(item));
  }

  #entryOf(item: PlanItem): Entry {
    const { section, action, key, other } = item;
    const changes = changesOf(item);
    const own: Own = {
      ...(other !== undefined && { other }),
      ...(changes.length > 0 && { changes: changes.map((change) => ({ ...change })) }),
    };
    const isPlain = other === undefined && changes.length === 0;
    return { section, kind: action, key, common: this.#commonOf(item), ...(!isPlain && { own }) };
  }

  #commonOf({ action, reason, warnings, channels = [], line }: PlanItem): string {
    const used = channels.reduce((bits, channel) => bits | (1 << ROUTE_CHANNELS.indexOf(channel)), 0);
    const fromLine = action === 'create' && line !== undefined;
    const name = `${reason} ${used} ${fromLine} ${warnings.length === 0 ? '' : warnings.join('\n')}`;
    let common = this.#common.get(name);
    if (common === undefined) {
      common = JSON.stringify([reason, warnings, used, fromLine] satisfies Common);
      if (this.#common.size < REMEMBERED) this.#common.set(name, common);
    }
    return common;
  }
}

/** A lean plan tells of what is created only what is written; and of what stands in its line nothing but that. */
function changesOf({ section, action, changes, line, write }: PlanItem): PlanItem['changes'] {
  if (action !== 'create' || changes.length > 0 || line !== undefined || !write) return changes;
  return shownCreation(section, write);
}

/** @param lineOf the source's canonical line */
export function planItemView(
  { section, kind, key, common, own }: Entry,
  lineOf: (section: Section, key: string) => Buffer | undefined,
): PlanItemView {
  const action = kind as PlanItem['action'];
  const [reason, warnings, used, fromLine] = JSON.parse(common) as Common;
  const { other, changes = [] } = (own ?? {}) as Own;
  const line = fromLine ? lineOf(section, key) : undefined;
  const channels = ROUTE_CHANNELS.filter((_, at) => used & (1 << at));
  return {
    section,
    key: displayKey(key),
    action,
    reason,
    explanation: explain(reason, { section, action, other }),
    ...(other !== undefined && { other: displayKey(other) }),
    changes: line ? shownCreation(section, parsePlainLine(line)).map((change) => ({ ...change })) : changes,
    warnings: [...warnings],
    ...(channels.length > 0 && { channels }),
  };
}
