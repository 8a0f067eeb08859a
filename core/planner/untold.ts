import { SECTION_WORDS } from '../../contract/sections.ts';
import { listed } from '../../contract/numbers.ts';
import type { Missing } from '../model/snapshot.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import type { ActionCounts, PlanContext } from './plan.ts';
import { isSelected, planMode, sectionMode } from './section-plan.ts';

type Sections = Partial<Record<Section, ActionCounts>>;

/**
 * What the source's snapshot lacks of that which the plan writes, in one sentence, and what that means there. Undefined:
 * nothing, or nothing that is not said in numbers elsewhere.
 *
 * A plan that changes a realm in place so that it is as it was before has nothing to say: what its route cannot read, it
 * could not have changed either.
 */
export function untoldText(context: PlanContext, sections: Sections): string | undefined {
  const mode = planMode(context);
  if (mode === 'remove' || (mode === 'merge' && context.policy.exact)) return undefined;
  const lacking = (context.sourceLacks ?? [])
    .filter((missing) => isTouched(missing, context, sections))
    .sort((a, b) => SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section));
  if (lacking.length === 0) return undefined;
  const names = listed([...new Set(lacking.map(nameOf))]);
  return `The source’s snapshot does not contain ${names}: that does not come along. ${meaning(context, sections, lacking)}`;
}

function meaning(context: PlanContext, sections: Sections, lacking: readonly Missing[]): string {
  const mode = planMode(context);
  if (mode === 'create') return 'Set it on the target afterwards where it is needed.';
  if (mode === 'overwrite')
    return 'What the target has of it goes with the realm, but for what is said here to be put back, or to stay.';
  const begins = lacking.some(({ section }) => (sections[ownerOf(section)]?.create ?? 0) > 0);
  return `What the target has of it stays as it is${begins ? '; records that are created begin without' : ''}.`;
}

function isTouched({ section, member }: Missing, context: PlanContext, sections: Sections): boolean {
  // Their fate is counted, client by client and user by user.
  if (member !== undefined && SECRETS.has(member)) return false;
  const of = ownerOf(section);
  if (!isSelected(context.policy, section) || !isSelected(context.policy, of)) return false;
  if (member === undefined && of === section) return isAnyWritten(context, sections);
  return isWritten(context, of, sections);
}

const SECRETS: ReadonlySet<string> = new Set(['password', 'clientSecret', 'secretHash']);

/** What belongs to a user comes, or does not come, with that user. */
function ownerOf(section: Section): Section {
  return section === 'credentials' || section === 'socialLinks' ? 'users' : section;
}

function isAnyWritten(context: PlanContext, sections: Sections): boolean {
  return (Object.keys(sections) as Section[]).some((section) => isWritten(context, section, sections));
}

/** What is replaced is written again, be it the same. */
function isWritten(context: PlanContext, section: Section, sections: Sections): boolean {
  const counts = sections[section];
  if (!counts) return false;
  const again = sectionMode(context, section) === 'overwrite' ? counts.unchanged : 0;
  return counts.create + counts.update + again > 0;
}

function nameOf({ section, member }: Missing): string {
  if (member === undefined) return SECTION_NAMES[section] ?? SECTION_WORDS[section][1];
  return MEMBER_NAMES[`${section}.${member}`] ?? `“${member}” of ${SECTION_WORDS[section][1]}`;
}

const SECTION_NAMES: Readonly<Partial<Record<Section, string>>> = {
  realm: 'the realm’s settings',
  credentials: 'password hashes',
};

const MEMBER_NAMES: Readonly<Record<string, string>> = {
  'realm.passwordPolicy': 'the password policy',
  'realm.smtpConfig': 'the mail settings (SMTP)',
  'clients.webOrigins': 'the web origins of clients',
  'users.roles': 'the role mappings of users',
};
