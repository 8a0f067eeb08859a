import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LockedPackage } from './packed-packages.ts';

const TEXTS = join(import.meta.dirname, 'texts');

/** The files in which packages keep licences, and what has to be passed on with them. */
const LICENCE_FILE =
  /^(licen[sc]e|copying|copyright|notice|third_party_licenses)([-._].*)?$|^copyrightnotice\.txt$/i;

/**
 * A package's licence in its own words: the files that it has for it, or the section of its README.
 *
 * @throws Error where there is neither, and no text that everybody uses for that licence
 */
export function licenceTextOf(project: string, { name, licence, folder }: LockedPackage): string {
  const place = join(project, folder);
  const files = readdirSync(place);
  const own = files
    .filter((file) => LICENCE_FILE.test(file))
    .toSorted()
    .map((file) => readFileSync(join(place, file), 'utf8').trim());
  if (own.length > 0) return own.join('\n\n');
  const readme = files.find((file) => /^readme(\.md)?$/i.test(file));
  const section =
    readme && /^#+ *licen[sc]e\s*\n([^]*)/im.exec(readFileSync(join(place, readme), 'utf8'))?.[1];
  if (section?.includes('Permission is hereby granted')) return section.trim();
  const { author } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as {
    author?: string | { name?: string };
  };
  const by = typeof author === 'string' ? author : author?.name;
  if (by === undefined) throw new Error(`${name} has no text of its licence, and names no author.`);
  return `By ${by}. The package has no text of its licence; this is the usual one.\n\n${usualText(licence)}`;
}

/** @throws Error where texts/ has none */
export function usualText(licence: string): string {
  return readFileSync(join(TEXTS, `${licence}.txt`), 'utf8').trim();
}
