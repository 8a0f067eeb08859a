import { Option, type Command } from 'commander';
import type { PolicyInput } from '../../contract/plan.ts';
import type { Section } from '../../contract/sections.ts';
import { collectRecordNames, sectionsOption } from './arguments.ts';

export interface PolicyFlags {
  readonly realmName?: string;
  readonly realm?: NonNullable<PolicyInput['realm']>;
  readonly users?: NonNullable<PolicyInput['users']>;
  readonly clients?: NonNullable<PolicyInput['clients']>;
  readonly extra?: NonNullable<PolicyInput['extra']>;
  readonly unsupported?: NonNullable<PolicyInput['unsupported']>;
  readonly conflicts?: NonNullable<PolicyInput['conflicts']>;
  readonly sections?: Section[];
  readonly exclude?: string[];
}

/** The decisions of a plan, as `plan`, `migrate` and `restore` take them. The defaults are the engine's. */
export function addPolicyFlags(command: Command): Command {
  return command
    .option('--realm-name <name>', 'name of the realm on the target, if it is to be another')
    .addOption(
      choice('--realm <policy>', 'if the realm exists', ['stop', 'merge', 'overwrite'], 'stop').helpGroup(
        'Policy:',
      ),
    )
    .addOption(choice('--users <policy>', 'if a user exists', ['skip', 'merge'], 'skip').helpGroup('Policy:'))
    .addOption(
      choice('--clients <policy>', 'if a client exists', ['stop', 'skip', 'update'], 'stop').helpGroup(
        'Policy:',
      ),
    )
    .addOption(
      choice('--extra <policy>', 'what only the target has', ['keep', 'delete'], 'keep').helpGroup('Policy:'),
    )
    .addOption(
      choice(
        '--unsupported <policy>',
        'what the route to the target cannot write',
        ['stop', 'skip'],
        'stop',
      ).helpGroup('Policy:'),
    )
    .addOption(
      choice(
        '--conflicts <policy>',
        'single records that cannot be written (an e-mail that is another user’s, …)',
        ['stop', 'skip'],
        'stop',
      ).helpGroup('Policy:'),
    )
    .addOption(sectionsOption('only these sections'))
    .option('--exclude <section/key>', 'leave this record out; may be repeated', collectRecordNames);
}

function choice(flags: string, purpose: string, words: readonly string[], standard: string): Option {
  return new Option(flags, `${purpose} (default: ${standard})`).choices(words);
}

export function policyFrom(flags: PolicyFlags): PolicyInput {
  const { realmName, realm, users, clients, extra, unsupported, conflicts, sections, exclude } = flags;
  const chosen: { [Name in keyof PolicyInput]: PolicyInput[Name] | undefined } = {
    realmName,
    realm,
    users,
    clients,
    extra,
    unsupported,
    conflicts,
    sections,
    exclude,
  };
  return Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined));
}

/** The same flags as they are typed, to be repeated in a command that we suggest. */
export function policyWords(policy: PolicyInput): string[] {
  return [
    ...word('--realm-name', policy.realmName),
    ...word('--realm', policy.realm),
    ...word('--users', policy.users),
    ...word('--clients', policy.clients),
    ...word('--extra', policy.extra),
    ...word('--unsupported', policy.unsupported),
    ...word('--conflicts', policy.conflicts),
    ...word('--sections', policy.sections?.join(',')),
    ...(policy.exclude ?? []).flatMap((record) => ['--exclude', record]),
  ];
}

function word(flag: string, value: string | undefined): string[] {
  return value === undefined ? [] : [flag, value];
}
