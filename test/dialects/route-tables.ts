import type { RouteCapabilities, SectionRoute } from '../../core/connectors/connector.ts';
import { MEMBERS } from '../../core/model/members.ts';
import { SECTIONS, type Section } from '../../core/model/sections.ts';
import type { CaptureFacts } from '../../core/model/snapshot.ts';

/** A way in, as it was found to be. */
export interface Way {
  readonly title: string;
  readonly route: RouteCapabilities;
  /** Of a capture of everything. */
  readonly facts: CaptureFacts;
}

/** The tables of docs/dialects.md. */
export function routeTables(ways: readonly Way[]): string {
  const parts = [
    '### Whole realms',
    table(ways, wholeRealms(ways)),
    ...SECTIONS.flatMap((section) => [`### ${TITLES[section]}`, table(ways, sectionRows(ways, section))]),
    '### Not captured, and why',
    notCaptured(ways),
  ];
  return parts.join('\n\n');
}

const TITLES: Readonly<Record<Section, string>> = {
  realm: 'Settings of a realm',
  roles: 'Roles',
  groups: 'Groups',
  clients: 'Clients',
  policies: 'Policies',
  users: 'Users',
  credentials: 'Password hashes (credentials)',
  socialLinks: 'Social links',
};

type Row = readonly [string, ...string[]];

function table(ways: readonly Way[], rows: readonly Row[]): string {
  const head = ['', ...ways.map(({ title }) => title)];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function wholeRealms(ways: readonly Way[]): Row[] {
  const row = (what: string, cell: (route: RouteCapabilities) => string): Row => [
    what,
    ...ways.map(({ route }) => cell(route)),
  ];
  const yes = (value: boolean) => (value ? 'yes' : '–');
  return [
    row('replace (overwrite)', ({ overwriteRealm }) => yes(overwriteRealm)),
    row('… losing password hashes and client secrets', ({ overwriteLosesSecrets }) =>
      yes(overwriteLosesSecrets),
    ),
    row('remove', ({ removeRealm }) => yes(removeRealm)),
    row('… which survive it', ({ survivors = [] }) => survivors.join(', ') || '–'),
    row('see what a deleted realm left behind', ({ seesLeftovers }) => yes(seesLeftovers)),
    row('write records without a realm', ({ writesWithoutRealm }) => yes(writesWithoutRealm === true)),
    row('all or nothing (one transaction a database)', ({ transactional, sections }) =>
      transactional ? 'yes' : sections.realm.channels ? 'the databases’ part' : '–',
    ),
  ];
}

function sectionRows(ways: readonly Way[], section: Section): Row[] {
  const known = MEMBERS[section].map(({ name }) => name);
  return [
    ['**records**', ...ways.map((way) => recordCell(way, section))],
    ...known.map((name): Row => [`\`${name}\``, ...ways.map((way) => memberCell(way, section, name))]),
  ];
}

function recordCell({ route, facts }: Way, section: Section): string {
  const { create, createWithRealm, createUnderNewKey, delete: remove } = route.sections[section];
  const words = [
    facts.sections.includes(section) ? 'read' : '',
    create === 'yes' ? 'create' : '',
    create === 'by-mapping' ? 'create by a user’s mapping' : '',
    create !== 'yes' && createWithRealm ? 'create with the realm' : '',
    createUnderNewKey === undefined ? '' : 'create under a key of the server’s',
    remove ? 'delete' : '',
  ].filter((word) => word !== '');
  return words.join(', ') || '–';
}

/** R read, C set when created (c: only while the realm is), N set in a record under a new key, U change, + only add to. */
function memberCell({ route, facts }: Way, section: Section, name: string): string {
  const of = route.sections[section];
  const letters = [
    facts.sections.includes(section) && facts.knows[section]?.includes(name) ? 'R' : '',
    creates(of, section, name),
    of.createUnderNewKey?.includes(name) ? 'N' : '',
    updates(of, name),
  ].filter((letter) => letter !== '');
  return letters.join(' ') || '–';
}

function creates({ create, createWithRealm, createMembers }: SectionRoute, section: Section, name: string) {
  // `all` takes what a document can hold; ids and times are the server's own there.
  const member = MEMBERS[section].find((each) => each.name === name);
  const can = createMembers === 'all' ? member?.volatile !== true : createMembers.includes(name);
  if (!can) return '';
  if (create === 'yes') return 'C';
  return createWithRealm ? 'c' : '';
}

function updates({ updateMembers, addOnlyMembers, channels, canEmpty }: SectionRoute, name: string): string {
  if (!updateMembers.includes(name)) return '';
  if (addOnlyMembers.includes(name)) return '+';
  if (channels?.update[name] === 'admin-api') return 'U (API)';
  return canEmpty === false ? 'U*' : 'U';
}

function notCaptured(ways: readonly Way[]): string {
  return ways
    .map(({ title, facts, route: { limits = [] } }) => {
      const lines = facts.missing.map(
        ({ section, member, reason }) =>
          `- ${member === undefined ? section : `${section}.${member}`}: ${reason}`,
      );
      lines.push(...limits.map((limit) => `- ${limit}`));
      return `**${title}**\n\n${lines.join('\n') || '- everything is captured'}`;
    })
    .join('\n\n');
}
