import { ACTIONS, ROUTE_CHANNELS, type PlanItemView, type PlanView } from '../../contract/plan.ts';
import { SECTIONS } from '../../contract/sections.ts';
import type { Paint } from '../terminal/paint.ts';
import { memberChangeText } from './comparison.ts';
import { counted, integer, listed } from './numbers.ts';
import { recordLabel } from './record-label.ts';
import { countedRecords } from './snapshot.ts';
import { settlementsOf } from '../../contract/settling.ts';
import { ifThereIsOne } from '../../contract/unseen-losses.ts';
import { table, type Cell } from './table.ts';
import { quoted, visible, visibleLines } from './visible.ts';

type Action = (typeof ACTIONS)[number];

/** The preview: a sentence, a table of counts, and what must be known before anything is written. */
export function planLines(plan: PlanView, paint: Paint): string[] {
  return [
    ...planSentence(plan, paint),
    '',
    ...countsTable(plan, paint),
    ...lossLines(plan, paint),
    ...cannotSetLines(plan),
    ...channelLines(plan),
    ...plan.warnings.map((warning) => `${paint.yellow('Warning:')} ${visibleLines(warning)}`),
  ];
}

function planSentence(of: PlanView, paint: Paint): string[] {
  const { plan, source, target, mode, empty, blocked, leavesNoRealm } = of;
  const where = `realm ${quoted(target.realm)} on ${quoted(target.environment)} (${target.stage})`;
  const there = target.exists ? where : `what is left of ${where}`;
  const intents: Readonly<Record<PlanView['mode'], string>> = {
    create: leavesNoRealm
      ? `bring back what a deleted ${where} had left behind`
      : `create ${where}, which has none of that name`,
    merge: leavesNoRealm
      ? `${paint.red('delete')} ${where} and bring what a deleted one had left behind back to what it was, in place`
      : `change ${where} in place`,
    overwrite: leavesNoRealm
      ? `${paint.red('delete')} ${there} and put what a deleted one had left behind in its place`
      : target.exists
        ? `${paint.red('delete and recreate')} ${where}`
        : `create ${where}${overLeftovers(of, paint)}`,
    remove: `${paint.red('delete')} ${where}`,
  };
  const nothing = empty && !blocked ? ' There is nothing to do.' : '';
  // A removal takes nothing from a source.
  if (mode === 'remove') return [`Plan ${paint.bold(visible(plan))} would ${intents.remove}.${nothing}`];
  return [
    `Plan ${paint.bold(visible(plan))} would ${intents[mode]},`,
    `  as in snapshot ${visible(source.snapshot)}${ofSource(source)}.${nothing}`,
  ];
}

function ofSource({ realm, environment, pseudonymized }: PlanView['source']): string {
  const origin = pseudonymized ? pseudonymized.environment : environment;
  const from = origin === undefined ? 'a file' : quoted(origin);
  return `${pseudonymized ? ', a pseudonymised copy' : ''} of ${quoted(realm)} from ${from}`;
}

/** What becomes of that which a deleted realm of the name left behind. */
function overLeftovers({ leftovers }: PlanView, paint: Paint): string {
  const [deleted, staying] = [recordsIn(leftovers?.deleted), recordsIn(leftovers?.staying)];
  const gone = deleted === '' ? '' : `${paint.red('delete')} ${deleted} that a deleted one left behind`;
  const stay = staying === '' ? '' : `take over ${staying}, which cannot be deleted`;
  return [gone, stay]
    .filter((text) => text !== '')
    .map((text) => ` and ${text}`)
    .join(',');
}

function recordsIn(counts: NonNullable<PlanView['leftovers']>['deleted'] = {}): string {
  return listed(
    SECTIONS.flatMap((section) => {
      const count = counts[section] ?? 0;
      return count > 0 ? [countedRecords(section, count)] : [];
    }),
  );
}

const TINTS: Readonly<Record<Action, keyof Pick<Paint, 'green' | 'yellow' | 'dim' | 'red' | 'reset'>>> = {
  create: 'green',
  update: 'yellow',
  unchanged: 'reset',
  skip: 'dim',
  delete: 'red',
  conflict: 'red',
};

function countsTable({ sections }: PlanView, paint: Paint): string[] {
  const rows = SECTIONS.flatMap((section): Cell[][] => {
    const counts = sections[section];
    return counts === undefined
      ? []
      : [[section, ...ACTIONS.map((action) => number(counts[action], action, paint))]];
  });
  return table(
    [
      { title: 'Section' },
      ...ACTIONS.map((action) => ({
        title: action[0]!.toUpperCase() + action.slice(1),
        align: 'right' as const,
      })),
    ],
    rows,
    '  ',
  );
}

function number(value: number, action: Action, paint: Paint): Cell {
  return value === 0 ? '–' : { text: integer(value), paint: paint[TINTS[action]] };
}

/** What would be lost, in numbers; nothing when the plan destroys nothing. */
export function lossLines(plan: Pick<PlanView, 'destructive' | 'losses'>, paint: Paint): string[] {
  if (!plan.destructive) return [];
  const losses = lossTexts(plan.losses);
  return [
    '',
    paint.red(paint.bold('This destroys what is on the target:')),
    ...(losses.length === 0
      ? ['  nothing that is not written again']
      : losses.map((loss) => `  ${paint.red('–')} ${loss}`)),
  ];
}

export function lossTexts({
  users,
  passwordHashes,
  otherCredentials = {},
  clientSecrets,
  unseen,
  sessions,
  records,
}: PlanView['losses']): string[] {
  return [
    users > 0 ? `${counted(users, 'user')} will be gone` : '',
    passwordHashes > 0
      ? `${counted(passwordHashes, 'user')} will stay but lose the password${ifThereIsOne(passwordHashes, unseen?.passwordHashes)}`
      : '',
    ...Object.entries(otherCredentials).map(
      ([type, count]) => `${counted(count, 'user')} will stay but lose the credential ${quoted(type)}`,
    ),
    clientSecrets > 0
      ? `${counted(clientSecrets, 'client')} will lose the secret${ifThereIsOne(clientSecrets, unseen?.clientSecrets)}`
      : '',
    sessions === 'all' ? 'every session of the realm will end' : '',
    ...SECTIONS.map((section) => {
      const count = records[section] ?? 0;
      return count > 0 ? `${countedRecords(section, count)} will be gone` : '';
    }),
  ].filter((text) => text !== '');
}

function cannotSetLines({ cannotSet }: PlanView): string[] {
  if (cannotSet.length === 0) return [];
  return [
    '',
    'This channel cannot set:',
    ...table(
      [{ title: '' }, { title: '' }],
      cannotSet.map(({ section, member, records }) => [
        `${section}.${member}`,
        `in ${countedRecords(section, records)}`,
      ]),
      '  ',
    ),
  ];
}

/** Where the target has two channels: how much goes through which. */
function channelLines({ channels = {} }: PlanView): string[] {
  const counts = ROUTE_CHANNELS.flatMap((channel) => {
    const count = channels[channel] ?? 0;
    return count === 0 ? [] : [`${counted(count, 'record')} ${overChannels([channel])}`];
  });
  return counts.length === 0 ? [] : ['', `Written: ${listed(counts)}.`];
}

function overChannels(channels: NonNullable<PlanItemView['channels']>): string {
  return `over ${listed(channels.map((channel) => CHANNELS[channel]))}`;
}

const CHANNELS = { 'admin-api': 'the Admin API', postgres: 'PostgreSQL' } as const;

/** Single items with what happens to them and why; the reason once for neighbours that share it. */
export function itemLines(items: readonly PlanItemView[], paint: Paint): string[] {
  return items.flatMap((item, at) => {
    const { action, explanation, changes, warnings, channels } = item;
    const before = items[at - 1];
    const shared = before?.action === action && before.explanation === explanation;
    return [
      ...(shared ? [] : [`${paint[TINTS[action]](action)}: ${visibleLines(explanation)}`]),
      `  ${recordLabel(item.section, item.key)}${channels && channels.length > 0 ? paint.dim(` (${overChannels(channels)})`) : ''}`,
      ...(action === 'create' ? [] : changes.map((change) => `    ${memberChangeText(change, paint)}`)),
      ...warnings.map((warning) => `    ${paint.yellow('Warning:')} ${visibleLines(warning)}`),
    ];
  });
}

/** Which flags settle the conflicts, each kind once. */
export function settlingLines(conflicts: readonly PlanItemView[]): string[] {
  const kinds = new Map<string, { readonly example: PlanItemView; count: number }>();
  for (const item of conflicts) {
    const flags = settlementsOf(item)
      .map(({ flag }) => flag)
      .join(' ');
    const kind = kinds.get(flags);
    if (kind) kind.count += 1;
    else kinds.set(flags, { example: item, count: 1 });
  }
  return [...kinds.values()].flatMap(({ example, count }) => [
    `  ${counted(count, 'conflict')} such as ${recordLabel(example.section, example.key)}:`,
    ...table(
      [{ title: '' }, { title: '' }],
      settlementsOf(example).map(({ flag, meaning }) => [flag, meaning]),
      '    ',
    ),
  ]);
}
