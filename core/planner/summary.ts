import { createHash, createHmac } from 'node:crypto';
import { ACTIONS } from '../../contract/plan.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { OrphanedMappings } from './orphaned-mappings.ts';
import { ItemHasher } from './item-hasher.ts';
import { notesSentence, notesSentenceAfterwards, type NoteOfMany } from './notes.ts';
import {
  isPlanItem,
  type Action,
  type ActionCounts,
  type PlanContext,
  type PlanEntry,
  type PlanItem,
  type PlanNote,
  type PlanSummary,
  type RouteChannel,
} from './plan.ts';
import { typeOf } from './owner-of.ts';
import { untoldText } from './untold.ts';
import { leavesNoRealm, leftoversFate, planMode, realmGoesAlone, removesLeftovers } from './section-plan.ts';

export interface SummaryBuilder {
  add(entries: readonly PlanEntry[]): void;
  finish(): PlanSummary;
}

interface Tally {
  readonly section: Section;
  readonly note: Omit<PlanNote, 'other'>;
  records: number;
  values: number;
  /** Of the first few. */
  readonly keys: string[];
}

/** More distinct member names than any realm has; a hostile document could bring a new one with every record. */
const MAX_TALLIES = 10_000;
const MAX_TYPES = 20;
const MAX_KEYS = 5;

/**
 * Adds up a plan as it streams by. Memory does not grow with the number of items.
 *
 * The digest covers every item, with what it writes; since that may hold secrets, give a key, so that nobody can try
 * guesses against a stored digest.
 */
export function createSummary(
  context: PlanContext,
  options: { readonly digestKey?: Buffer } = {},
): SummaryBuilder {
  const mode = planMode(context);
  const hasher = new ItemHasher(
    options.digestKey ? createHmac('sha256', options.digestKey) : createHash('sha256'),
  );
  const sections: Partial<Record<Section, Record<Action, number>>> = {};
  const cannotSet = new Map<string, { section: Section; member: string; records: number }>();
  const tallies = new Map<string, Tally>();
  const notices: string[] = [];
  const lostRecords: Partial<Record<Section, number>> = {};
  const lost = { users: 0, passwordHash: 0, clientSecret: 0 };
  const unseen = { passwordHash: 0, clientSecret: 0 };
  const otherCredentials = new Map<string, number>();
  const channels: Partial<Record<RouteChannel, number>> = {};
  const orphaned = new OrphanedMappings(context);
  let run: { section: Section; count: number } | undefined;

  function addItem(item: PlanItem): void {
    countsOf(item.section)[item.action]++;
    if (item.action === 'delete') {
      if (item.section === 'users') lost.users++;
      // Of a user who stays, it is a loss of theirs.
      else if (!item.loses) lostRecords[item.section] = (lostRecords[item.section] ?? 0) + 1;
    }
    orphaned.add(item);
    if (item.loses === 'otherCredential') addCredential(typeOf(item));
    else if (item.loses) {
      lost[item.loses]++;
      if (item.lossUnseen) unseen[item.loses]++;
    }
    for (const channel of item.channels ?? []) channels[channel] = (channels[channel] ?? 0) + 1;
    for (const member of item.cannotSet ?? []) {
      const at = `${item.section} ${member}`;
      const entry = cannotSet.get(at) ?? { section: item.section, member, records: 0 };
      if (cannotSet.size < MAX_TALLIES) cannotSet.set(at, entry);
      entry.records++;
    }
    for (const note of item.notes ?? []) addNote(item, note);
    const { section, key, action, reason, other = null, changes, write = null, line } = item;
    // The key stands in the line; and what is created shows as changes what it writes: once is enough.
    if (line) hasher.line(`["${section}","${action}","${reason}"]`, line);
    else hash([section, key, action, reason, other, action === 'create' ? [] : changes, write]);
  }

  /** Of a hostile target’s types, only so many by name. */
  function addCredential(type: string): void {
    const name = otherCredentials.has(type) || otherCredentials.size < MAX_TYPES ? type : '…';
    otherCredentials.set(name, (otherCredentials.get(name) ?? 0) + 1);
  }

  function addNote({ section, key }: PlanItem, { kind, member, count = 0 }: PlanNote): void {
    const at = `${section} ${kind} ${member ?? ''}`;
    const note = { kind, ...(member === undefined ? {} : { member }) };
    const tally: Tally = tallies.get(at) ?? { section, note, records: 0, values: 0, keys: [] };
    if (tallies.size < MAX_TALLIES) tallies.set(at, tally);
    tally.records++;
    tally.values += count;
    if (tally.keys.length < MAX_KEYS) tally.keys.push(key);
  }

  function unseenLosses(): NonNullable<PlanSummary['losses']['unseen']> {
    return {
      ...(unseen.passwordHash > 0 && { passwordHashes: unseen.passwordHash }),
      ...(unseen.clientSecret > 0 && { clientSecrets: unseen.clientSecret }),
    };
  }

  function idsDiffer(): number {
    const stays = [...tallies.values()].filter(({ note }) => note.kind === 'id-stays');
    return stays.reduce((sum, { records }) => sum + records, 0);
  }

  function countsOf(section: Section): Record<Action, number> {
    return (sections[section] ??= noActions());
  }

  /**
   * Of a whole section: where between the items the equal records stand says nothing about the plan, and how a
   * comparison comes upon them may change.
   */
  function closeRun(): void {
    if (run) hash([run.section, run.count]);
    run = undefined;
  }

  function hash(value: unknown): void {
    hasher.text(JSON.stringify(value));
  }

  return {
    add(entries) {
      for (const entry of entries) {
        if (isPlanItem(entry)) {
          if (run?.section !== entry.section) closeRun();
          addItem(entry);
        } else if (entry.kind === 'notice') notices.push(entry.text);
        else {
          countsOf(entry.section).unchanged += entry.count;
          if (run?.section !== entry.section) closeRun();
          run = { section: entry.section, count: (run?.count ?? 0) + entry.count };
        }
      }
    },
    finish() {
      closeRun();
      const total = (action: Action): number =>
        SECTIONS.reduce((sum, section) => sum + (sections[section]?.[action] ?? 0), 0);
      const ends = mode === 'overwrite' || mode === 'remove' || realmGoesAlone(context);
      const overwrites = mode === 'overwrite';
      const untold = untoldText(context, sections);
      return {
        mode,
        destructive: overwrites || total('delete') > 0,
        blocked: total('conflict') > 0,
        ...(leavesNoRealm(context) && { leavesNoRealm: true as const }),
        empty: !overwrites && total('create') + total('update') + total('delete') === 0,
        ...(removesLeftovers(context) && { leftovers: leftoversFate(context) }),
        ...(orphaned.count > 0 && { orphanedRoleMappings: orphaned.count }),
        losses: {
          users: lost.users,
          passwordHashes: lost.passwordHash,
          ...(otherCredentials.size > 0 && { otherCredentials: Object.fromEntries(otherCredentials) }),
          clientSecrets: lost.clientSecret,
          ...(unseen.passwordHash + unseen.clientSecret > 0 && { unseen: unseenLosses() }),
          sessions: ends && context.targetExists ? 'all' : 0,
          records: lostRecords,
        },
        sections: inOrder(sections),
        cannotSet: [...cannotSet.values()],
        ...(Object.keys(channels).length > 0 && { channels }),
        ...(context.policy.exact && { idsDiffer: idsDiffer() }),
        warnings: [
          ...notices,
          ...orphaned.text(),
          ...(untold === undefined ? [] : [untold]),
          ...[...tallies.values()].map(sentence),
        ],
        ...afterwardsOf([...tallies.values()]),
        digest: hasher.digest(),
      };
    },
  };
}

function sentence(tally: Tally): string {
  return notesSentence(noteOf(tally));
}

function noteOf({ note, values, ...tally }: Tally): NoteOfMany {
  return { ...tally, ...note, count: values };
}

function afterwardsOf(tallies: readonly Tally[]): Pick<PlanSummary, 'afterwards'> {
  const told = tallies.flatMap((tally) => {
    const before = sentence(tally);
    const after = notesSentenceAfterwards(noteOf(tally));
    return after === before ? [] : [[before, after] as const];
  });
  return told.length === 0 ? {} : { afterwards: Object.fromEntries(told) };
}

function noActions(): Record<Action, number> {
  return Object.fromEntries(ACTIONS.map((action) => [action, 0])) as Record<Action, number>;
}

function inOrder(sections: Partial<Record<Section, ActionCounts>>): Partial<Record<Section, ActionCounts>> {
  return Object.fromEntries(
    SECTIONS.flatMap((section) => (sections[section] ? [[section, sections[section]]] : [])),
  );
}
