import { SECTIONS, type Section } from '../../../model/sections.ts';
import { NOT_ASKED_FOR, type Missing } from '../../../model/snapshot.ts';
import { TOLD_MEMBERS, type ToldSection } from './records.ts';

const NO_GATEWAY =
  'Only the gateway serves roles and role mappings, and no gateway is known: name it in the environment’s settings.';

const UNTOLD: Readonly<Partial<Record<Section, string>>> = {
  groups: 'The API of release v1.1.0 does not tell groups.',
  policies: 'The API of release v1.1.0 does not tell policies.',
  credentials: 'The API of release v1.1.0 does not tell password hashes.',
  socialLinks: 'The API of release v1.1.0 does not tell social links.',
};

const UNTOLD_MEMBERS: readonly Missing[] = [
  { section: 'realm', member: 'passwordPolicy', reason: 'The API of release v1.1.0 does not tell it.' },
  { section: 'realm', member: 'smtpConfig', reason: 'The API of release v1.1.0 does not tell it.' },
  { section: 'clients', member: 'webOrigins', reason: 'The API of release v1.1.0 does not tell them.' },
  {
    section: 'clients',
    member: 'clientSecret',
    reason: 'The API of release v1.1.0 tells a secret once, when it issues it.',
  },
];

/** About which members the answers tell everything. */
export function toldMembers(section: ToldSection, withRoles: boolean): readonly string[] {
  const members = TOLD_MEMBERS[section];
  return section === 'users' && !withRoles ? members.filter((name) => name !== 'roles') : members;
}

export function missingParts(
  wanted: ReadonlySet<Section>,
  read: readonly Section[],
  withRoles: boolean,
): Missing[] {
  const sections = SECTIONS.filter((section) => !read.includes(section)).map((section) => ({
    section,
    reason: UNTOLD[section] ?? (wanted.has(section) ? NO_GATEWAY : NOT_ASKED_FOR),
  }));
  const members = UNTOLD_MEMBERS.filter(({ section }) => read.includes(section));
  const roles: Missing[] =
    read.includes('users') && !withRoles ? [{ section: 'users', member: 'roles', reason: NO_GATEWAY }] : [];
  return [...sections, ...members, ...roles];
}
