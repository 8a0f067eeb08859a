import { Option, type Command } from 'commander';
import type { PolicyInput } from '../../contract/plan.ts';
import type { Section } from '../../contract/sections.ts';
import { collectRecordNames, collectUpdates, sectionsOption } from './arguments.ts';

export interface PolicyFlags {
  readonly realmName?: string;
  readonly realm?: NonNullable<PolicyInput['realm']>;
  readonly users?: NonNullable<PolicyInput['users']>;
  readonly clients?: NonNullable<PolicyInput['clients']>;
  readonly extra?: NonNullable<PolicyInput['extra']>;
  readonly unsupported?: NonNullable<PolicyInput['unsupported']>;
  readonly conflicts?: NonNullable<PolicyInput['conflicts']>;
  readonly caseVariants?: NonNullable<PolicyInput['caseVariants']>;
  readonly leftovers?: NonNullable<PolicyInput['leftovers']>;
  readonly issuedClients?: NonNullable<PolicyInput['issuedClients']>;
  readonly sections?: Section[];
  readonly exclude?: string[];
  readonly update?: string[];
  readonly only?: string[];
}

/** The decisions of a plan, as `plan`, `migrate` and `restore` take them. The defaults are the engine's. */
export function addPolicyFlags(command: Command): Command {
  const policies = [
    choice('--realm <policy>', 'if the realm exists', ['stop', 'merge', 'overwrite']),
    choice('--users <policy>', 'if a user exists', ['skip', 'merge']),
    choice('--clients <policy>', 'if a client exists', ['stop', 'skip', 'update']),
    choice('--extra <policy>', 'what only the target has', ['keep', 'delete']),
    unsupportedOption(),
    choice(
      '--conflicts <policy>',
      'single records that cannot be written (an e-mail that is another user’s, …)',
      ['stop', 'skip'],
    ),
    choice(
      '--case-variants <policy>',
      'users to be created whose name differs only by upper and lower case from that of a user of the target; where both are new, that is told only',
      ['stop', 'create'],
    ),
    choice(
      '--leftovers <policy>',
      'what a deleted realm of that name left behind (the documented API does not show it): adopt takes it into the new realm, remove deletes it first, as far as the channel can (over release v1.1.0 its users; roles and clients stay and are taken over)',
      ['stop', 'adopt', 'remove'],
    ),
    issuedClientsOption(),
  ];
  for (const policy of policies) command.addOption(policy.helpGroup('Policy (the first is the default):'));
  return command
    .option('--realm-name <name>', 'name of the realm on the target, if it is to be another')
    .addOption(sectionsOption('only these sections'))
    .option(
      '--only <section/key>',
      'this record, the roles that it needs and the target lacks, and what belongs to it (of a user, password and social links), and nothing else; may be repeated',
      collectRecordNames,
    )
    .option('--exclude <section/key>', 'leave this record out; may be repeated', collectRecordNames)
    .option(
      '--update <section/key>',
      'this user, with password and social links, or this client: change it if it exists, though others that exist are skipped or stop the plan; may be repeated',
      collectUpdates,
    );
}

export function unsupportedOption(): Option {
  return choice('--unsupported <policy>', 'what the channel to the target cannot write', ['stop', 'skip']);
}

export function issuedClientsOption(): Option {
  return choice(
    '--issued-clients <policy>',
    'clients, where the server gives each a new id and secret (release v1.1.0 over its API): create makes new ones like the source’s, whose secrets “job secrets” shows once; not given, they are what the channel cannot write',
    ['leave', 'create'],
  );
}

/** Without a default of its own: what is not given is the engine's to decide, and stays out of suggested commands. */
function choice(flags: string, purpose: string, words: readonly string[]): Option {
  return new Option(flags, purpose).choices(words);
}

export function policyFrom(flags: PolicyFlags): PolicyInput {
  const { realmName, realm, users, clients, extra, unsupported, conflicts, sections, exclude, update, only } =
    flags;
  const { caseVariants, leftovers, issuedClients } = flags;
  const chosen: { [Name in keyof PolicyInput]: PolicyInput[Name] | undefined } = {
    realmName,
    realm,
    users,
    clients,
    extra,
    unsupported,
    conflicts,
    caseVariants,
    leftovers,
    issuedClients,
    sections,
    exclude,
    update,
    only,
  };
  return Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined));
}

/** What a plan has that says nothing about it: then the flag need not be repeated. */
const DEFAULTS: PolicyInput = {
  realm: 'stop',
  users: 'skip',
  clients: 'stop',
  extra: 'keep',
  unsupported: 'stop',
  conflicts: 'stop',
  caseVariants: 'stop',
  leftovers: 'stop',
};

const FLAGS = [
  ['realmName', '--realm-name'],
  ['realm', '--realm'],
  ['users', '--users'],
  ['clients', '--clients'],
  ['extra', '--extra'],
  ['unsupported', '--unsupported'],
  ['conflicts', '--conflicts'],
  ['caseVariants', '--case-variants'],
  ['leftovers', '--leftovers'],
  ['issuedClients', '--issued-clients'],
] as const;

/** The same flags as they are typed, to be repeated in a command that we suggest. */
export function policyWords(policy: PolicyInput): string[] {
  const chosen = FLAGS.flatMap(([name, flag]) => {
    const value = policy[name];
    return value === undefined || value === DEFAULTS[name] ? [] : [flag, value];
  });
  const sections = policy.sections === undefined ? [] : ['--sections', policy.sections.join(',')];
  const records = (flag: string, names: readonly string[] = []) => names.flatMap((name) => [flag, name]);
  return [
    ...chosen,
    ...sections,
    ...records('--only', policy.only),
    ...records('--exclude', policy.exclude),
    ...records('--update', policy.update),
  ];
}
