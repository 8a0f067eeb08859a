import type { PlanItemView, PolicyInput } from '../../contract/plan.ts';

/** Flags that settle a conflict, the harmless one first, each with what it means. */
export interface Settlement {
  readonly change: PolicyInput;
  readonly flag: string;
  readonly meaning: string;
}

const REALM: readonly Settlement[] = [
  { change: { realm: 'merge' }, flag: '--realm merge', meaning: 'change the realm in place' },
  {
    change: { realm: 'overwrite' },
    flag: '--realm overwrite',
    meaning: 'delete and recreate it, users and sessions included',
  },
];
const CLIENTS: readonly Settlement[] = [
  {
    change: { clients: 'skip' },
    flag: '--clients skip',
    meaning: 'leave the clients that exist as they are',
  },
  { change: { clients: 'update' }, flag: '--clients update', meaning: 'change the clients that exist' },
];
const UNSUPPORTED: readonly Settlement[] = [
  {
    change: { unsupported: 'skip' },
    flag: '--unsupported skip',
    meaning: 'leave out what this route cannot write',
  },
];
const ISSUED: readonly Settlement[] = [
  {
    change: { issuedClients: 'leave' },
    flag: '--issued-clients leave',
    meaning: 'leave these clients out; over PostgreSQL they can be brought as they are',
  },
  {
    change: { issuedClients: 'create' },
    flag: '--issued-clients create',
    meaning: 'create new ones like them, with ids and secrets of the server’s',
  },
];
const LEFTOVERS: readonly Settlement[] = [
  {
    change: { leftovers: 'adopt' },
    flag: '--leftovers adopt',
    meaning: 'take them over, changed in place',
  },
  {
    change: { leftovers: 'remove' },
    flag: '--leftovers remove',
    meaning: 'delete them first, as far as this route can',
  },
];
/** No flag gives the source what it lacks. */
const WITHOUT_REALM: readonly Settlement[] = [
  {
    change: {},
    flag: '--realm-name <name>',
    meaning: 'a realm that exists: the source’s records go into that one',
  },
  {
    change: { realm: 'merge' },
    flag: '--realm merge',
    meaning: 'instead of overwriting a realm that exists',
  },
];
const CASE_VARIANTS: readonly Settlement[] = [
  { change: { conflicts: 'skip' }, flag: '--conflicts skip', meaning: 'leave these records out' },
  {
    change: { caseVariants: 'create' },
    flag: '--case-variants create',
    meaning: 'they are other people: create them beside those',
  },
  { change: {}, flag: '--exclude <section/key>', meaning: 'leave out one record, by name' },
];
const IN_DOUBT: readonly Settlement[] = [
  {
    change: { extra: 'keep' },
    flag: '--extra keep',
    meaning: 'delete nothing; a new backup of the source may tell what is really gone',
  },
  { change: {}, flag: '--exclude <section/key>', meaning: 'leave out one record, by name' },
];
const SINGLE: readonly Settlement[] = [
  { change: { conflicts: 'skip' }, flag: '--conflicts skip', meaning: 'leave these records out' },
  { change: {}, flag: '--exclude <section/key>', meaning: 'leave out one record, by name' },
];

/** What settles a conflict of this kind. Reasons that are not listed here are those of single records. */
export function settlementsOf({
  reason,
  section,
}: Pick<PlanItemView, 'reason' | 'section'>): readonly Settlement[] {
  switch (reason) {
    case 'realm-exists':
      return REALM;
    case 'exists-policy-stop':
      return section === 'realm' ? REALM : CLIENTS;
    case 'route-cannot':
    case 'target-unknown':
      return UNSUPPORTED;
    case 'key-is-issued':
      return ISSUED;
    case 'leftovers':
      return LEFTOVERS;
    case 'source-unknown':
      return section === 'realm' ? WITHOUT_REALM : SINGLE;
    case 'source-in-doubt':
      return IN_DOUBT;
    case 'differs-only-by-case':
      return CASE_VARIANTS;
    default:
      return SINGLE;
  }
}

/**
 * The policy that settles these conflicts in the way that changes least; undefined where it would be the same again:
 * then somebody has to choose, or to look for another source.
 */
export function harmlessPolicy(
  policy: PolicyInput,
  conflicts: readonly PlanItemView[],
): PolicyInput | undefined {
  const changes = Object.assign(
    {},
    ...conflicts.map((item) => settlementsOf(item)[0]!.change),
  ) as PolicyInput;
  const isOther = Object.entries(changes).some(
    ([name, value]) => policy[name as keyof PolicyInput] !== value,
  );
  return isOther ? { ...policy, ...changes } : undefined;
}
