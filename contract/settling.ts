import type { PlanItemView, PolicyInput } from './plan.ts';

/** Flags that settle a conflict, the harmless one first, each with what it means. */
export interface Settlement {
  readonly change: PolicyInput;
  readonly flag: string;
  readonly meaning: string;
}

const BY_NAME: Settlement = {
  change: {},
  flag: '--exclude <section/key>',
  meaning: 'leave out one record, by name',
};

const LEAVE_OUT: Settlement = {
  change: { conflicts: 'skip' },
  flag: '--conflicts skip',
  meaning: 'leave these records out',
};

const REALM: readonly Settlement[] = [
  { change: { realm: 'merge' }, flag: '--realm merge', meaning: 'change the realm in place' },
  {
    change: { realm: 'overwrite' },
    flag: '--realm overwrite',
    meaning: 'delete and recreate it, users and sessions included',
  },
];
const SKIP_CLIENTS: Settlement = {
  change: { clients: 'skip' },
  flag: '--clients skip',
  meaning: 'leave the clients that exist as they are',
};
const CLIENTS: readonly Settlement[] = [
  SKIP_CLIENTS,
  { change: { clients: 'update' }, flag: '--clients update', meaning: 'change the clients that exist' },
  { change: {}, flag: '--update <section/key>', meaning: 'change one of them, by name' },
];
const UNSUPPORTED: readonly Settlement[] = [
  {
    change: { unsupported: 'skip' },
    flag: '--unsupported skip',
    meaning: 'leave out what this channel cannot write',
  },
];
/** Never the way that changes least: people can log in who could not. */
const ENABLED: Settlement = {
  change: { unsupported: 'skip' },
  flag: '--unsupported skip',
  meaning: 'let it be enabled all the same, and leave out whatever else this channel cannot write',
};
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
const ADOPT: Settlement = {
  change: { leftovers: 'adopt' },
  flag: '--leftovers adopt',
  meaning: 'take them over, changed in place',
};
const LEFTOVERS: readonly Settlement[] = [
  ADOPT,
  {
    change: { leftovers: 'remove' },
    flag: '--leftovers remove',
    meaning: 'delete them first, as far as this channel can',
  },
];
const LEFTOVERS_STAY: readonly Settlement[] = [
  ADOPT,
  { change: {}, flag: '--realm-name <name>', meaning: 'a name of which nothing was left behind' },
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
  LEAVE_OUT,
  {
    change: { caseVariants: 'create' },
    flag: '--case-variants create',
    meaning: 'they are other people: create them beside those',
  },
  BY_NAME,
];
const IN_DOUBT: readonly Settlement[] = [
  {
    change: { extra: 'keep' },
    flag: '--extra keep',
    meaning: 'delete nothing; a new backup of the source may tell what is really gone',
  },
  BY_NAME,
];
const SINGLE: readonly Settlement[] = [LEAVE_OUT, BY_NAME];

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
    case 'exists-unchangeable':
      return [SKIP_CLIENTS, BY_NAME];
    case 'route-cannot':
    case 'target-unknown':
      return UNSUPPORTED;
    case 'enabled-there':
      return section === 'realm' ? [ENABLED] : [BY_NAME, ENABLED];
    case 'key-is-issued':
      return ISSUED;
    case 'leftovers':
      return LEFTOVERS;
    case 'leftovers-stay':
      return LEFTOVERS_STAY;
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
 * The policy that settles these conflicts in the way that changes least; undefined where it would be the same again, or
 * where something would go live: then somebody has to choose, or to look for another source.
 */
export function harmlessPolicy(
  policy: PolicyInput,
  conflicts: readonly PlanItemView[],
): PolicyInput | undefined {
  if (conflicts.some(({ reason }) => reason === 'enabled-there')) return undefined;
  const changes = Object.assign(
    {},
    ...conflicts.map((item) => settlementsOf(item)[0]!.change),
  ) as PolicyInput;
  const isOther = Object.entries(changes).some(
    ([name, value]) => policy[name as keyof PolicyInput] !== value,
  );
  return isOther ? { ...policy, ...changes } : undefined;
}
