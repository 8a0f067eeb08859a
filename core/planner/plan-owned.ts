import { compareSection } from '../compare/compare-section.ts';
import type { Difference, Stretch } from '../compare/difference.ts';
import { emptySide } from '../compare/section-side.ts';
import { decide } from './decide.ts';
import { item, leftOut, withLoss } from './items.ts';
import type { FirstLook } from './first-look.ts';
import { LineGlance } from './line-glance.ts';
import { OwnerDecisions } from './owner-decisions.ts';
import { linkHolder, ownerOf, ownersIn, typeOf, type OwnedSection } from './owner-of.ts';
import type { OwnerState } from './owner-state.ts';
import { writes, type PlanEntry, type PlanItem } from './plan.ts';
import { puttingBack } from './put-back.ts';
import { isPutBack, sectionPlan, type PlanInputs, type SectionPlan } from './section-plan.ts';
import { stretchesOf, walkSection } from './walk-section.ts';

/** Links come in the order of providers, not of users: each batch of owners takes a pass over the users. */
const OWNERS_AT_ONCE = 20_000;

/** Credentials and social links: they follow what the plan decides about the user to whom they belong. */
export async function* planOwned(
  inputs: PlanInputs,
  section: OwnedSection,
  look: FirstLook,
): AsyncIterable<readonly PlanEntry[]> {
  const base = sectionPlan(inputs, section);
  const plan = { ...base, glance: section === 'credentials' ? LineGlance.of(base) : undefined };
  const owners = new OwnerDecisions(inputs, look);
  const learned = section === 'credentials' ? look.ownersOfCredentials : undefined;
  const isKept = isPutBack(plan, inputs.context);
  const atOnce = section === 'socialLinks' ? OWNERS_AT_ONCE : 1;
  try {
    for await (const stretches of gathered(stretchesToFollow(plan, inputs.signal), atOnce)) {
      const states = learned?.isUsable
        ? new Map<string, OwnerState>()
        : await owners.statesOf(ownersIn(section, stretches));
      yield* walkSection(plan, replay(stretches), (decided, d) => {
        const username = ownerOf(section, d);
        const owner = learned?.isUsable ? learned.stateOf(username, d.kind) : states.get(username);
        learned?.learn(username, d.kind, owner);
        if (isFreed(section, d, states)) return freedLink(plan, d, owner);
        if (isKept && owner?.kind === 'written' && d.kind === 'removed') return puttingBack(plan, d);
        const followed = followOwner(plan, chosenWithOwner(plan, decided, d, username), d, username, owner);
        // What the source does not tell about goes with its user, and is no part of the plan otherwise.
        if (!plan.source && followed.action !== 'delete') return undefined;
        return section === 'socialLinks' ? checkLink(inputs, plan, followed, d) : followed;
      });
    }
    learned?.finish();
  } finally {
    await owners.close();
  }
}

function stretchesToFollow(plan: SectionPlan, signal: AbortSignal | undefined): AsyncIterable<Stretch> {
  if (plan.source || plan.policy.extra === 'keep') return stretchesOf(plan, signal);
  return compareSection(plan.target, emptySide(plan.section), signal);
}

/** What was left out only because others were chosen is decided on after all where its user is among these. */
function chosenWithOwner(plan: SectionPlan, decided: PlanItem, d: Difference, username: string): PlanItem {
  const { exclusions } = plan;
  if (decided.reason !== 'excluded' || !exclusions.followsOwner(plan.section, d.key, username))
    return decided;
  const asChosen = { ...exclusions, excludes: () => false };
  return decide({ ...plan, exclusions: asChosen }, d) ?? decided;
}

function followOwner(
  plan: SectionPlan,
  decided: PlanItem,
  d: Difference,
  username: string,
  owner: OwnerState | undefined,
): PlanItem {
  if (!owner) return decided;
  if (plan.mode === 'overwrite') return followInOverwrite(plan, decided, d, owner);
  // Deleting a user takes these along, whatever the route can do on its own.
  if (owner.kind === 'deleted')
    return item(plan, d.key, { action: 'delete', reason: 'only-in-target-deleted' });
  if (owner.kind === 'written' || decided.reason === 'excluded') return decided;
  const acts = writes(decided) || decided.action === 'delete' || decided.action === 'conflict';
  if (!plan.source) return item(plan, d.key, { action: 'skip', reason: 'source-unknown' });
  // Also where the user is equal on both sides, and would not have been touched anyway.
  if (acts && plan.exclusions.names('users', username))
    return leftOut(plan, d, 'skip', { reason: 'excluded' });
  if (owner.kind === 'left-out') return acts ? leftOut(plan, d, 'skip', { reason: owner.reason }) : decided;
  if (acts && plan.policy.users === 'skip' && !plan.updates.includes('users', username))
    return leftOut(plan, d, 'skip', { reason: 'exists-policy-skip' });
  return decided.action === 'delete' && plan.section === 'credentials' ? losing(decided) : decided;
}

function followInOverwrite(plan: SectionPlan, decided: PlanItem, d: Difference, owner: OwnerState): PlanItem {
  if (decided.reason === 'excluded') return decided;
  const returns = owner.kind === 'written';
  if (writes(decided) || decided.action === 'conflict')
    return returns
      ? decided
      : leftOut(plan, d, 'skip', { reason: owner.kind === 'left-out' ? owner.reason : 'not-selected' });
  const isLost = returns && plan.section === 'credentials' && decided.action === 'delete';
  return isLost ? losing(decided) : decided;
}

function losing(credential: PlanItem): PlanItem {
  return withLoss(credential, typeOf(credential) === 'PASSWORD' ? 'passwordHash' : 'otherCredential');
}

/** Whether the user who has the link on the target is deleted by the plan, and the link with them. */
function isFreed(
  section: OwnedSection,
  d: Difference,
  states: ReadonlyMap<string, OwnerState>,
): d is Difference & { readonly kind: 'changed' } {
  if (section !== 'socialLinks' || d.kind !== 'changed') return false;
  const holder = linkHolder(d.left);
  return holder !== ownerOf(section, d) && states.get(holder)?.kind === 'deleted';
}

/** Gone with its former user, the link is created for the user whom the source gives it to. */
function freedLink(
  plan: SectionPlan,
  d: Difference & { readonly kind: 'changed' },
  owner: OwnerState | undefined,
): PlanItem {
  const added: Difference = { kind: 'added', key: d.key, right: d.right };
  const decided = decide(plan, added);
  const followed = decided && followOwner(plan, decided, added, ownerOf('socialLinks', added), owner);
  if (followed?.write || followed?.action === 'conflict') return { ...followed, changes: d.changes };
  return item(plan, d.key, { action: 'delete', reason: 'only-in-target-deleted' });
}

async function checkLink(
  inputs: PlanInputs,
  plan: SectionPlan,
  decided: PlanItem,
  d: Difference,
): Promise<PlanItem> {
  if (!decided.write) return decided;
  if (decided.action === 'update' && plan.mode !== 'overwrite' && d.kind === 'changed') {
    const holder = linkHolder(d.left);
    if (holder !== '' && holder !== ownerOf('socialLinks', d))
      return leftOut(plan, d, plan.policy.conflicts, { reason: 'social-link-taken', other: holder });
  }
  if (d.kind !== 'added') return decided;
  const [provider = '', providerUserId = ''] = d.key.split('\u0000');
  const realm = await inputs.lookups.socialLinkOwner?.(provider, providerUserId);
  if (realm === undefined) return decided;
  return leftOut(plan, d, plan.policy.conflicts, { reason: 'social-link-taken', other: realm });
}

/** Stretches in groups of at least so many records, so that one pass over the users serves many. */
async function* gathered(
  stretches: AsyncIterable<Stretch>,
  atLeast: number,
): AsyncIterable<readonly Stretch[]> {
  let group: Stretch[] = [];
  let records = 0;
  for await (const stretch of stretches) {
    group.push(stretch);
    records += stretch.kind === 'equal' ? 1 : stretch.records.length;
    if (records < atLeast) continue;
    yield group;
    group = [];
    records = 0;
  }
  if (group.length > 0) yield group;
}

async function* replay(stretches: readonly Stretch[]): AsyncIterable<Stretch> {
  yield* stretches;
}
