import { AppError } from '../../contract/errors.ts';
import { recordFinder } from '../compare/record-finder.ts';
import type { SnapshotSides } from '../compare/section-side.ts';
import { displayKey, keysShownAs } from '../model/natural-key.ts';
import { isSection, SECTIONS, type Section } from '../model/sections.ts';

export interface Pattern {
  readonly entry: string;
  readonly section: Section;
  /** As people write keys, a slash between the parts; without the trailing `*`. */
  readonly text: string;
  readonly prefix: boolean;
}

/** The single records that the administrator left out, or all but some. */
export interface Exclusions {
  excludes(section: Section, key: string): boolean;
  /** Whether it was left out by name, and not only because others were chosen. */
  names(section: Section, key: string): boolean;
  /** Whether only some records were chosen, and a role is none of them: then it goes along where one of them needs it, and no further. */
  onlyIfNeeded(role: string): boolean;
  /** Whether a record that belongs to this user is part of the plan for the user's sake, since it was chosen by name. */
  followsOwner(section: Section, key: string, username: string): boolean;
  mentions(section: Section): boolean;
  readonly patterns: readonly Pattern[];
  /** What was chosen by name, of so few records that a typing error is worth looking for. */
  readonly chosen: readonly Pattern[];
}

/** More than so many are chosen by no person. */
const MOST_CHOSEN_BY_HAND = 1_000;

/**
 * Reads entries of the form "section/key", the key possibly ending in `*`, which stands for anything.
 *
 * @param only all others are left out, but for what belongs to the users among them; of roles `onlyIfNeeded` tells
 * @throws AppError USAGE when an entry names no section or no key
 */
export function parseExclusions(exclude: readonly string[], only?: readonly string[]): Exclusions {
  const patterns = exclude.map((entry) => parseEntry(entry, 'to leave out'));
  // However many they are: one that names nothing would leave out what it was to choose.
  for (const entry of only ?? []) parseEntry(entry, 'to choose');
  const chosen = only && new Set(only);
  const bySection = new Map<Section, { keys: Set<string>; prefixes: string[] }>();
  for (const pattern of patterns) {
    const of = bySection.get(pattern.section) ?? { keys: new Set(), prefixes: [] };
    bySection.set(pattern.section, of);
    if (pattern.prefix) of.prefixes.push(pattern.text);
    else of.keys.add(pattern.text);
  }
  const named = (section: Section, shown: string): boolean => {
    const of = bySection.get(section);
    return of !== undefined && (of.keys.has(shown) || of.prefixes.some((prefix) => shown.startsWith(prefix)));
  };
  const followsOwner = (section: Section, key: string, username: string): boolean =>
    chosen?.has(`users/${displayKey(username)}`) === true && !named(section, displayKey(key));
  return {
    patterns,
    names: (section, key) => bySection.has(section) && named(section, displayKey(key)),
    chosen: only ? chosenByHand(only) : [],
    followsOwner,
    onlyIfNeeded: (role) => chosen !== undefined && !chosen.has(`roles/${displayKey(role)}`),
    mentions: (section) => bySection.has(section),
    excludes(section, key) {
      const isNarrowed = chosen !== undefined && section !== 'roles';
      if (!isNarrowed && !bySection.has(section)) return false;
      const shown = displayKey(key);
      if (isNarrowed && !chosen.has(`${section}/${shown}`))
        // The key of a credential begins with its user's name; of a social link only its record tells.
        return section !== 'credentials' || !followsOwner(section, key, key.slice(0, key.indexOf('\u0000')));
      return named(section, shown);
    },
  };
}

/** The entries that match no record of either side: most likely a typing error, so the plan says it. */
export async function unmatched(
  patterns: readonly Pattern[],
  target: SnapshotSides,
  source: SnapshotSides,
): Promise<string[]> {
  const unmatched: string[] = [];
  for (const pattern of patterns) {
    if (!(await matchesIn(pattern, source)) && !(await matchesIn(pattern, target)))
      unmatched.push(pattern.entry);
  }
  return unmatched;
}

async function matchesIn(pattern: Pattern, sides: SnapshotSides): Promise<boolean> {
  const side = sides[pattern.section];
  if (!side || side.chunks.length === 0) return false;
  const finder = recordFinder(side);
  for (const key of keysShownAs(pattern.text)) {
    const found = await (pattern.prefix ? finder.findFrom(key) : finder.find(key));
    if (found && displayKey(found.key).startsWith(pattern.text)) return true;
  }
  return false;
}

/** Records that were chosen by name, if they are so few that a typing error is worth looking for; none otherwise. */
export function chosenByHand(entries: readonly string[]): Pattern[] {
  return entries.length <= MOST_CHOSEN_BY_HAND ? entries.map(chosenRecord) : [];
}

/** An asterisk is part of its name. */
function chosenRecord(entry: string): Pattern {
  const { section } = parseEntry(entry, 'to choose');
  return { entry, section, text: entry.slice(section.length + 1), prefix: false };
}

function parseEntry(entry: string, what: 'to leave out' | 'to choose'): Pattern {
  const slash = entry.indexOf('/');
  const section = slash < 0 ? entry : entry.slice(0, slash);
  const key = slash < 0 ? '' : entry.slice(slash + 1);
  if (!isSection(section) || key === '')
    throw new AppError('USAGE', `“${entry}” does not say what ${what}.`, {
      notChanged: 'Nothing was planned.',
      remedy: `Write section/key, for example users/alice or users/test-*. Sections are ${SECTIONS.join(', ')}.`,
    });
  const prefix = key.endsWith('*');
  return { entry, section, text: prefix ? key.slice(0, -1) : key, prefix };
}
