import type { z } from 'zod';
import type { CatalogView, WayIn } from '../../contract/catalog-folder.ts';
import type { RepairView } from '../../contract/maintenance.ts';
import type { DamageView, verifyView } from '../../contract/snapshot.ts';
import type { Io } from '../io.ts';
import type { Paint } from '../terminal/paint.ts';
import { shellWord } from '../io.ts';
import { bytes, counted, instant, listed } from './numbers.ts';
import { table } from './table.ts';
import { quoted, visible, visibleLines } from './visible.ts';

/** A catalog as it can be told without opening it: also to whoever has lost its keys. */
export function catalogLines(catalog: CatalogView, io: Io): string[] {
  const { paint } = io;
  const { counts } = catalog;
  const facts: [string, string][] = [
    ['Size', bytes(catalog.bytes)],
    [
      'Version',
      catalog.version > catalog.knownVersion
        ? `${catalog.version}, newer than this Drawbridge, which knows up to ${catalog.knownVersion}`
        : String(catalog.version),
    ],
    ['Made', instant(catalog.createdAt)],
    ...(counts === undefined ? [] : [['Holds', countsText(counts)] satisfies [string, string]]),
    ...catalog.waysIn.map((way, at): [string, string] => [at === 0 ? 'Opened by' : '', wayText(way)]),
  ];
  return [
    `Catalog in ${paint.bold(quoted(catalog.dir))}`,
    ...table([{ title: '' }, { title: '' }], facts, '  '),
    ...keyAdvice(catalog, io),
  ];
}

function countsText(counts: NonNullable<CatalogView['counts']>): string {
  const trash = counts.trash === 0 ? [] : [`${counted(counts.trash, 'snapshot')} in the trash`];
  return listed([
    counted(counts.snapshots, 'snapshot'),
    ...trash,
    counted(counts.environments, 'environment'),
    counted(counts.plans, 'plan'),
    counted(counts.jobs, 'job'),
  ]);
}

const WAYS: Readonly<Record<WayIn['kind'], string>> = {
  passphrase: 'passphrase',
  keychain: 'keychain of the user and computer that it was put into',
  recovery: 'recovery key',
};

function wayText({ kind, createdAt, damaged }: WayIn): string {
  return `${WAYS[kind]}, since ${instant(createdAt)}${damaged ? ': DAMAGED, it opens nothing any more' : ''}`;
}

/** Before anything is lost: afterwards nobody can help. */
function keyAdvice({ recoveryKey, waysIn }: CatalogView, io: Io): string[] {
  if (recoveryKey) return [];
  const left = waysIn.filter(({ damaged }) => !damaged).map(({ kind }) => kind);
  const onlyKeychain = left.length > 0 && left.every((kind) => kind === 'keychain');
  return [
    `  ${io.paint.yellow('No recovery key:')} if ${onlyKeychain ? 'that keychain is lost, or the catalog is copied to another computer' : 'its passphrase is lost'}, nothing in it can be decrypted, by anybody.`,
    `  Make one: ${io.self} catalog recovery-key new`,
  ];
}

export function verifyLines(report: z.infer<typeof verifyView>, io: Io): string[] {
  const { damaged } = report;
  const read = `${counted(report.snapshots, 'snapshot')} in ${counted(report.chunks, 'chunk')} (${bytes(report.bytes)}), and everything else that the catalog keeps`;
  if (damaged.length === 0)
    return [`${io.paint.green('Whole:')} ${read}, read and held against their hashes and seals.`];
  return [
    `${io.paint.red('Damaged:')} ${counted(damaged.length, 'finding')}, having read ${read}.`,
    ...damageLines(damaged, io.paint),
    'What to do: a new backup of a realm stores anew what is damaged and has not changed since. For the rest:',
    `  ${io.self} catalog repair --dry-run     # what a new catalog would keep, and what is lost`,
  ];
}

export function damageLines(damaged: readonly DamageView[], paint: Paint): string[] {
  return damaged.map(({ snapshot, section, text }) => {
    const what = [snapshot, section ?? ''].filter((word) => word !== '').join(' ');
    // Of a damaged id, the sentence names what is left of it.
    const isNamed = text.includes(snapshot) || !/^[0-9a-z]*$/.test(snapshot);
    return `  ${paint.red('✗')} ${what === '' || isNamed ? '' : `${visible(what)}: `}${visibleLines(text)}`;
  });
}

export function repairLines({ from, to, damage, kept, lost }: RepairView, io: Io): string[] {
  const { paint } = io;
  const kinds = listed([
    counted(kept.snapshots, 'snapshot'),
    counted(kept.environments, 'environment'),
    counted(kept.plans, 'plan'),
    counted(kept.jobs, 'job'),
    counted(kept.schedules, 'schedule'),
  ]);
  return [
    ...(damage.length === 0
      ? []
      : [`Damage in ${quoted(from)}:`, ...damage.map((text) => `  ${paint.red('✗')} ${visibleLines(text)}`)]),
    to === null
      ? `${paint.bold('Would be kept:')} ${kinds}.`
      : `${paint.bold('Kept:')} ${kinds}, in ${quoted(to)}; every byte of it proved.`,
    ...(lost.length === 0
      ? [`${paint.green('Nothing is lost')} that can be named.`]
      : [paint.red(to === null ? 'Would be lost:' : 'Lost:'), ...damageLines(lost, paint)]),
    `${quoted(from)} was left as it is.`,
    ...(to === null
      ? []
      : [
          `To go on with the new one: export DRAWBRIDGE_CATALOG=${visible(shellWord(to))}`,
          '  What is lost of realms comes back with their next backup; environments are added again.',
        ]),
  ];
}
