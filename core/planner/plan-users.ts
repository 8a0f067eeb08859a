import type { Difference, Stretch } from '../compare/difference.ts';
import type { JsonObject } from '../model/record.ts';
import { isRedacted } from '../model/secret.ts';
import { CollisionCursor } from './collision-cursor.ts';
import { withDroppedRoles, withoutExcludedRoles, type StandingRoles } from './excluded-roles.ts';
import { leftOut, withLoss, withNotes } from './items.ts';
import { LineGlance } from './line-glance.ts';
import { writes, written, type Collision, type PlanEntry, type PlanItem, type PlanNote } from './plan.ts';
import { sameKey } from './same-keys.ts';
import { sectionPlan, type PlanInputs, type SectionPlan } from './section-plan.ts';
import { SideCursor } from './side-cursor.ts';
import { stretchesOf, walkSection } from './walk-section.ts';

/**
 * Users, with what a look-up by user name misses: an e-mail address that another user has, names that differ only by
 * case, and who will be without a password.
 */
export async function* planUsers(
  inputs: PlanInputs,
  standingRoles: StandingRoles,
  looking: {
    /** Is shown what is decided in the end. */
    readonly observe?: (decided: PlanItem, d: Difference) => void;
    /** Only these users are planned. */
    readonly only?: (d: Difference) => boolean;
    /** Is told who is written and gets no credential; or the set of them, where it is known. */
    readonly withoutCredential?: ((username: string) => void) | ReadonlySet<string> | undefined;
  } = {},
): AsyncIterable<readonly PlanEntry[]> {
  const base = sectionPlan(inputs, 'users');
  if (!base.source && base.mode !== 'overwrite') return;
  const prepared: SectionPlan = { ...base, prepare: withoutExcludedRoles(inputs, standingRoles) };
  const plan: SectionPlan = { ...prepared, glance: LineGlance.of(prepared) };
  const emails = new CollisionCursor(inputs.lookups.emailCollisions?.());
  const names = new CollisionCursor(inputs.lookups.nameCollisions?.());
  const passwords = passwordSource(inputs);
  // Those that the target tells about are counted one by one.
  const losesHashes = plan.mode === 'overwrite' && !inputs.target.credentials;

  function review(decided: PlanItem, d: Difference): PlanItem | Promise<PlanItem> {
    const twin = sameKey(inputs, plan, decided);
    if (twin !== undefined)
      return observed(leftOut(plan, d, plan.policy.conflicts, { reason: 'same-key-there', other: twin }), d);
    const isFree = emails.hasNone(d.key) && names.hasNone(d.key);
    const reviewed = isFree ? reviewRest(decided, d) : reviewCollisions(decided, d);
    if (reviewed instanceof Promise) return reviewed.then((settled) => observed(settled, d));
    return observed(reviewed, d);
  }

  function observed(settled: PlanItem, d: Difference): PlanItem {
    looking.observe?.(settled, d);
    return settled;
  }

  async function reviewCollisions(decided: PlanItem, d: Difference): Promise<PlanItem> {
    return await reviewRest(colliding(plan, decided, d, await emails.at(d.key), await names.at(d.key)), d);
  }

  function reviewRest(decided: PlanItem, d: Difference): PlanItem | Promise<PlanItem> {
    const settled = withDroppedRoles(inputs, standingRoles, decided, d);
    // A plain line has no password.
    if (!writes(settled) || (settled.write && hasPassword(settled.write))) return settled;
    if (d.kind !== 'added' && !losesHashes) return settled;
    const given = isGivenCredential(d.key, d.kind === 'added');
    if (given instanceof Promise) return given.then((isGiven) => withPasswordsFate(settled, d, isGiven));
    return withPasswordsFate(settled, d, given);
  }

  function isGivenCredential(username: string, isNew: boolean): boolean | Promise<boolean> {
    if (!passwords) return false;
    const { withoutCredential } = looking;
    if (withoutCredential instanceof Set) return !withoutCredential.has(username);
    // Who is new and has none in the source either lacks nothing.
    return passwords.has(username, { orNone: isNew });
  }

  function withPasswordsFate(settled: PlanItem, d: Difference, given: boolean): PlanItem {
    if (given) return settled;
    if (passwords && typeof looking.withoutCredential === 'function') looking.withoutCredential(d.key);
    if (d.kind === 'added') return withNotes(settled, [{ kind: 'no-password' }]);
    return withLoss(settled, 'passwordHash', false);
  }

  try {
    const stretches = stretchesOf(plan, inputs.signal);
    yield* walkSection(plan, looking.only ? filtered(stretches, looking.only) : stretches, review);
  } finally {
    await emails.close();
    await names.close();
  }
}

async function* filtered(
  stretches: AsyncIterable<Stretch>,
  only: (d: Difference) => boolean,
): AsyncIterable<Stretch> {
  for await (const stretch of stretches)
    if (stretch.kind === 'records') yield { kind: 'records', records: stretch.records.filter(only) };
}

function colliding(
  plan: SectionPlan,
  decided: PlanItem,
  d: Difference,
  ofEmail: readonly Collision[],
  ofName: readonly Collision[],
): PlanItem {
  if (ofEmail.length === 0 && ofName.length === 0) return decided;
  const write = written(decided);
  if (!write) return decided;
  const email = write['email'];
  // What the server takes for the same address, too, belongs to one user only.
  const loosely = plan.route.looseMembers?.includes('email');
  const taken = ofEmail.find((collision) => (collision.exact || loosely) && collision.value === email);
  if (taken)
    return leftOut(plan, d, plan.policy.conflicts, { reason: 'email-taken', other: taken.otherUsername });
  const twin = decided.action === 'create' ? ofName.find((c) => c.otherSide === 'target') : undefined;
  if (twin && plan.policy.caseVariants !== 'create')
    return leftOut(plan, d, plan.policy.conflicts, {
      reason: 'differs-only-by-case',
      other: twin.otherUsername,
    });
  const notes: PlanNote[] = [];
  const alike = ofEmail.find((collision) => !collision.exact && collision.value === email);
  if (alike) notes.push({ kind: 'email-case-variant', other: alike.otherUsername });
  const variant = twin ?? ofName[0];
  if (variant && decided.action === 'create')
    notes.push({ kind: 'case-variant', other: variant.otherUsername });
  return withNotes(decided, notes);
}

function hasPassword(write: JsonObject): boolean {
  const password = write['password'];
  return password !== undefined && password !== null && !isRedacted(password);
}

interface PasswordSource {
  /** @param orNone the answer for a user of whom the source knows that there is none */
  has(username: string, { orNone }: { readonly orNone: boolean }): boolean | Promise<boolean>;
}

/** Tells which users get a credential from this plan. Names must be asked for in key order. */
function passwordSource(inputs: PlanInputs): PasswordSource | undefined {
  const plan = sectionPlan(inputs, 'credentials');
  if (!plan.source || plan.creatable !== 'yes') return undefined;
  const cursor = new SideCursor(plan.source);
  return {
    has(username, { orNone }) {
      const first = `${username}\u0000`;
      const isTheirs = (key: string | undefined): boolean =>
        key?.startsWith(first) ? !plan.exclusions.excludes('credentials', key) : orNone;
      const found = cursor.firstKeyFrom(first);
      return found instanceof Promise ? found.then(isTheirs) : isTheirs(found);
    },
  };
}
