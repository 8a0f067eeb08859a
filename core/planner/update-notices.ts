import { SECTION_WORDS } from '../../contract/sections.ts';
import { chosenByHand, unmatched, type Pattern } from './exclusions.ts';
import { isSelected, planMode, type PlanInputs } from './section-plan.ts';

/** Of users and clients that were to be updated by name: which of these wishes come to nothing, and why. */
export async function updateNotices(inputs: PlanInputs): Promise<string[]> {
  const { entries } = inputs.updates;
  if (entries.length === 0) return [];
  const mode = planMode(inputs.context);
  if (mode === 'overwrite' || mode === 'remove') {
    const why = mode === 'remove' ? 'the realm is deleted whole' : 'all of the source is written anew';
    return [
      `That single records were to be updated (${entries.length.toLocaleString('en-US')}) decides nothing: ${why}.`,
    ];
  }
  const texts: string[] = [];
  for (const named of chosenByHand(entries)) {
    const why = await whyNotUpdated(inputs, named);
    if (why !== undefined) texts.push(`“${named.entry}” was to be updated, but ${why}.`);
  }
  return texts;
}

/** Undefined: nothing is in its way here. What only the source has is created. */
async function whyNotUpdated(
  { context, source, exclusions }: PlanInputs,
  named: Pattern,
): Promise<string | undefined> {
  const { section, text } = named;
  if (!isSelected(context.policy, section)) return `${SECTION_WORDS[section][1]} were not selected`;
  if (exclusions.excludes(section, text)) return 'it is left out, and that comes first';
  if ((await unmatched([named], {}, source)).length === 0) return undefined;
  const hint = text.endsWith('*') ? ' (an asterisk stands for nothing but itself here)' : '';
  return `the source has no such record${hint}`;
}
