import { readFile } from 'node:fs/promises';
import { InvalidArgumentError, Option } from 'commander';
import { AppError } from '../../contract/errors.ts';
import { SECTIONS, isSection, type Section } from '../../contract/sections.ts';
import type { SnapshotView } from '../../contract/snapshot.ts';
import { latestOf } from '../../contract/source-form.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { listed } from '../render/numbers.ts';
import { quoted } from '../render/visible.ts';

/** For options that may be given more than once. */
export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

export function wholeNumber(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > most)
      throw new InvalidArgumentError(`It has to be a whole number from ${least} to ${most}.`);
    return number;
  };
}

/** Zero, or a number of at least `least`: `0.5`, `20`. */
export function zeroOrAtLeast(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+(\.\d+)?$/.test(value) || (number > 0 && number < least) || number > most)
      throw new InvalidArgumentError(`It has to be 0, or a number from ${least} to ${most}.`);
    return number;
  };
}

export function sectionsOption(purpose: string): Option {
  return new Option(
    '--sections <list>',
    `${purpose} (${SECTIONS.join(', ')}), separated by commas`,
  ).argParser(sectionList);
}

function sectionList(value: string): Section[] {
  const words = value.split(',').map((word) => word.trim());
  return words.map((word) => {
    if (isSection(word)) return word;
    throw new InvalidArgumentError(`There is no section ${quoted(word)}; there are ${listed(SECTIONS)}.`);
  });
}

/** `section/key`, the form in which single records are named. */
export function recordName(value: string): { section: Section; key: string } {
  const slash = value.indexOf('/');
  const section = value.slice(0, Math.max(slash, 0));
  if (slash < 1 || slash === value.length - 1 || !isSection(section))
    throw new InvalidArgumentError(
      `A record is named as section/key, such as users/alice; the sections are ${listed(SECTIONS)}.`,
    );
  return { section, key: keyOf(section, value.slice(slash + 1)) };
}

/** What stands between the parts of a composite key: no text in a database can hold it. */
const KEY_SEPARATOR = '\u0000';

/**
 * A key as it is typed, with a slash between its parts, as the engine has it. A user name may have slashes in it, a
 * credential's type has none; a provider has none, a user's id there may. A group's path begins with one.
 */
function keyOf(section: Section, typed: string): string {
  if (section === 'groups') return typed.startsWith('/') ? typed : `/${typed}`;
  const slash =
    section === 'credentials' ? typed.lastIndexOf('/') : section === 'socialLinks' ? typed.indexOf('/') : -1;
  return slash < 0 ? typed : `${typed.slice(0, slash)}${KEY_SEPARATOR}${typed.slice(slash + 1)}`;
}

export function collectRecordNames(value: string, earlier: string[] | undefined): string[] {
  const { section, key } = recordName(value);
  // The engine takes keys as they are shown, and a group's with the slash that its path begins with.
  return collect(`${section}/${key.replaceAll(KEY_SEPARATOR, '/')}`, earlier);
}

/** Of users and clients only it is asked whether they are changed where they exist. */
export function collectUpdates(value: string, earlier: string[] | undefined): string[] {
  const { section } = recordName(value);
  if (section !== 'users' && section !== 'clients')
    throw new InvalidArgumentError(
      'Only users and clients can be named here, such as users/alice: a merge changes whatever else exists and differs.',
    );
  return collectRecordNames(value, earlier);
}

const LEAST_OF_ID = 4;

/**
 * The id of what is written to, carried out or thrown away: a letter that was typed by mistake must not find one.
 *
 * @throws InvalidArgumentError for the beginning of an id that is too short to be meant
 */
export function meantId(value: string): string {
  if (/^[a-z0-9]*$/i.test(value) && value.length < LEAST_OF_ID)
    throw new InvalidArgumentError(
      `Give at least ${LEAST_OF_ID} characters of the id: what is changed by it is not to be found by chance.`,
    );
  return value;
}

/** A snapshot as a person names it: an id, a prefix of one, or `latest:<environment>/<realm>`. */
export async function namedSnapshot(client: EngineClient, name: string): Promise<SnapshotView> {
  const latest = latestOf(name);
  return latest ? client.snapshots.latest({ ...latest }) : client.snapshots.get({ snapshot: name });
}

/** @throws AppError FILE_FAILED */
export async function readTextFile(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AppError(
      'FILE_FAILED',
      `${what}, ${quoted(path)}, could not be read: ${(error as Error).message}.`,
      {
        notChanged: 'Nothing was done.',
        remedy: 'Check that the file exists and that you may read it.',
        cause: error,
      },
    );
  }
}
