import { SECTION_WORDS } from '../../contract/sections.ts';
import { counted, listed } from '../../contract/numbers.ts';
import { recordCount, type SnapshotSides } from '../compare/section-side.ts';
import { MEMBERS } from '../model/members.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { displayKey } from '../model/natural-key.ts';
import { unmatched, type Pattern } from './exclusions.ts';
import { isIdSection } from './ids.ts';
import type { PlanNotice, SectionCounts } from './plan.ts';
import {
  isSelected,
  keptThroughOverwrite,
  leavesNoRealm,
  leftoverCounts,
  leftoversFate,
  planMode,
  removesLeftovers,
  sectionMode,
  type PlanInputs,
} from './section-plan.ts';
import { MOST_TAKEN_IDS } from './taken-ids.ts';
import { updateNotices } from './update-notices.ts';

/** What is to be said about the plan as a whole before its items. */
export async function planNotices(
  inputs: PlanInputs,
  droppedRoles: ReadonlySet<string>,
): Promise<PlanNotice[]> {
  const texts = [...routeNotices(inputs), ...sectionNotices(inputs)];
  const { exclusions, target, source } = inputs;
  // A role that only users carry is none of either side's records, and was left out all the same.
  const dropped = [...droppedRoles].map(displayKey);
  const isDropped = ({ section, text, prefix }: Pattern): boolean =>
    section === 'roles' && dropped.some((role) => (prefix ? role.startsWith(text) : role === text));
  const others = exclusions.patterns.filter((pattern) => !isDropped(pattern));
  for (const entry of await unmatched(others, target, source))
    texts.push(`“${entry}” was to be left out, but neither side has such a record.`);
  for (const entry of await unmatched(exclusions.chosen, target, source))
    texts.push(`“${entry}” was chosen, but neither side has such a record.`);
  texts.push(...(await updateNotices(inputs)));
  return texts.map((text) => ({ kind: 'notice', text }));
}

function* routeNotices(inputs: PlanInputs): Iterable<string> {
  const { context } = inputs;
  yield* context.route.limits ?? [];
  const mode = planMode(context);
  if (mode !== 'overwrite' && mode !== 'remove') return;
  const removes = removesLeftovers(context);
  if (removes) yield* leftoversRemoval(inputs);
  const outliving = mode === 'overwrite' && !removes ? survivorsText(inputs) : undefined;
  if (outliving !== undefined) yield outliving;
  const unseen = mode === 'overwrite' && context.targetExists ? unseenSettings(inputs) : [];
  if (unseen.length > 0)
    yield `What the realm has as ${unseen.join(' and ')} the target does not tell: it goes with the realm, and this channel cannot put it back.`;
  for (const finding of context.targetFindings ?? [])
    yield `On the target, in no snapshot, and gone for good with the realm: ${finding}`;
}

function* sectionNotices(inputs: PlanInputs): Iterable<string> {
  const { context, target, source } = inputs;
  for (const section of SECTIONS) {
    const mode = sectionMode(context, section);
    const there = target[section];
    const count = there ? recordCount(there) : undefined;
    if (section === 'realm' || (source[section] && isSelected(context.policy, section))) continue;
    const why = source[section]
      ? `The ${SECTION_WORDS[section][1]} were not selected`
      : `The source does not tell about ${SECTION_WORDS[section][1]}`;
    if (mode === 'overwrite' && keptThroughOverwrite(context, section)) {
      const those =
        section === 'credentials' || section === 'socialLinks' ? 'users who return' : 'the target';
      if (count !== 0) yield `${why}: those of ${those} are put back as they are.`;
      continue;
    }
    if (mode === 'overwrite' && !countedElsewhere(inputs, section) && count !== 0)
      yield count === undefined
        ? `${why}: overwriting the realm deletes those of the target, if there are any.`
        : `${why}: overwriting the realm deletes the ${count.toLocaleString('en-US')} of the target.`;
    if (mode === 'merge' && context.policy.extra === 'delete' && !source[section] && count !== 0)
      yield `${why}: those of the target are left alone.`;
  }
  const leftovers = planMode(context) === 'create' ? leftoversText(target) : undefined;
  if (leavesNoRealm(context))
    yield [
      `The source is what a deleted realm left behind, without the realm itself: afterwards the target has no realm “${context.targetRealm}”, only these records under its name`,
      staying(inputs),
    ].join('');
  else if (leftovers !== undefined)
    yield `Leftovers of a deleted realm of this name are still on the target (${leftovers}): the new realm takes them over.`;
  for (const section of SECTIONS)
    if (isIdSection(section) && inputs.lookups.takenIds?.[section] === 'all')
      yield `More than ${MOST_TAKEN_IDS.toLocaleString('en-US')} ids of ${SECTION_WORDS[section][1]} belong to other records of the target’s installation: none of the source’s is kept in this section.`;
}

/** What is deleted before the realm is created, and what stays, since nothing deletes it. */
function* leftoversRemoval({ context, target }: PlanInputs): Iterable<string> {
  const { route } = context;
  const { deleted, staying } = leftoversFate(context);
  const [gone, left] = [countedSections(deleted), countedSections(staying)];
  if (gone !== undefined)
    yield `A deleted realm of this name left records behind. Before the new one is created, these are deleted: ${gone}.`;
  const unseen = (route.survivors ?? []).filter((section) => !target[section]);
  const others =
    unseen.length > 0 ? ` So do its ${namedSections(unseen)}, which cannot be seen, if there are any.` : '';
  if (left !== undefined)
    yield `Of what a deleted realm of this name left behind, this channel cannot delete ${left}: they stay, and the new realm takes them over.${others}`;
  else if (unseen.length > 0)
    yield `Of what a deleted realm of this name left behind, this channel cannot delete its ${namedSections(unseen)}, which cannot be seen: if there are any, they stay, and the new realm takes them over.`;
}

/** Whether “remove” would delete anything. */
export function deletesLeftovers({ context }: PlanInputs): boolean {
  return Object.keys(leftoversFate(context).deleted).length > 0;
}

/** What “remove” would come to; where it deletes something; undefined: it deletes all of it. */
export function leftoversThatStay({ context }: PlanInputs): string | undefined {
  const { deleted, staying } = leftoversFate(context);
  const left = countedSections(staying);
  if (left === undefined) return undefined;
  const gone = countedSections(deleted);
  return `Over this channel ${gone} can be deleted, and ${left} cannot: the new realm takes them over in either case.`;
}

function countedSections(counts: SectionCounts): string | undefined {
  const texts = sectionTexts(counts);
  return texts.length === 0 ? undefined : listed(texts);
}

function sectionTexts(counts: SectionCounts): string[] {
  return SECTIONS.flatMap((section) => {
    const count = counts[section] ?? 0;
    return count > 0 ? [counted(count, ...SECTION_WORDS[section])] : [];
  });
}

function namedSections(sections: readonly Section[]): string {
  return listed(sections.map((section) => SECTION_WORDS[section][1]));
}

/** What comes to stand beside them for want of a way to delete it: its numbers are told with its sections. */
function staying({ context: { route } }: PlanInputs): string {
  if (!route.survivors) return '.';
  return `. What has come since of ${namedSections(route.survivors)} cannot be deleted over this channel: it stays as well, without a realm, and so do the role mappings of deleted users, which then point at nobody.`;
}

/** Members of the realm that its deletion takes without anybody having seen them. */
function unseenSettings({ context: { route }, target }: PlanInputs): string[] {
  const { createMembers } = route.sections.realm;
  const { realm } = target;
  if (!route.survivors || !realm || createMembers === 'all') return [];
  return MEMBERS.realm
    .filter(({ name, volatile }) => !volatile && !realm.knows.includes(name) && !createMembers.includes(name))
    .map(({ name }) => `“${name}”`);
}

/**
 * What a realm leaves behind that is deleted over this route, counted as far as it can be seen. Undefined: nothing, on any
 * account.
 */
export function survivorsText({ context: { route }, target }: PlanInputs): string | undefined {
  if (!route.survivors) return undefined;
  const counts = route.survivors.map((section) => (target[section] ? recordCount(target[section]) : 0));
  const seen = counts.flatMap((count, at) => {
    const section = route.survivors![at]!;
    return count > 0 ? [counted(count, ...SECTION_WORDS[section])] : [];
  });
  const isOne = counts.reduce((sum, count) => sum + count, 0) === 1;
  const unseen = route.survivors
    .filter((section) => !target[section])
    .map((section) => SECTION_WORDS[section][1]);
  const hidden = unseen.length > 0 ? `its ${unseen.join(' and ')}, which cannot be seen,` : undefined;
  const staying = [
    ...(seen.length > 0 ? [`${seen.join(' and ')} of the target ${isOne ? 'stays' : 'stay'}`] : []),
    ...(hidden === undefined ? [] : [seen.length > 0 ? `so do ${hidden}` : `${hidden} stay`]),
  ];
  return [
    'Over this channel a realm is deleted without what other services keep under its name:',
    staying.join(', '),
    `${staying.length > 0 ? 'and ' : ''}the role mappings of deleted users, which then point at nobody.`,
    'A realm of this name has the rest again.',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** "2 users, 1 role": what is there of a realm that is not; undefined: nothing. */
export function leftoversText(target: SnapshotSides): string | undefined {
  const texts = sectionTexts(leftoverCounts(target));
  return texts.length === 0 ? undefined : texts.join(', ');
}

/** The loss of passwords stands in numbers among the losses. */
function countedElsewhere(inputs: PlanInputs, section: Section): boolean {
  return section === 'credentials' && inputs.context.route.overwriteLosesSecrets;
}
