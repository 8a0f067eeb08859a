import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSIDE_PACKAGES, insideOf, type InsideComponent } from './inside-packages.ts';
import { isCompatible } from './licences.ts';
import { licenceTextOf, usualText } from './licence-texts.ts';
import type { LockedPackage } from './packed-packages.ts';

const RULE = '='.repeat(100);

/**
 * What is packed, with versions, licences and their texts, for people.
 *
 * @throws Error for a licence that is not known to be compatible, and for one whose text is nowhere
 */
export function thirdPartyList(project: string, packed: readonly LockedPackage[]): string {
  const inside = INSIDE_PACKAGES.filter((component) =>
    packed.some(({ name }) => insideOf(name).includes(component)),
  );
  const refused = [...packed, ...inside.filter(({ reason }) => reason === undefined)]
    .filter(({ licence }) => !isCompatible(licence))
    .map(({ name, licence }) => `${name} (${licence})`);
  if (refused.length > 0)
    throw new Error(
      `Not packed, since these licences are not on the list of electron/packing/licences.ts: ${refused.join(', ')}.`,
    );
  return [
    'Drawbridge is licensed under the Apache License 2.0 (the file LICENSE beside this folder). It contains the packages below, each ' +
      'under its own licence, whose texts follow. The Electron and Chromium around it have theirs in LICENSE.electron.txt and ' +
      'LICENSES.chromium.html.',
    '',
    ...packed.map(({ name, version, licence }) => `${name} ${version}: ${licence}`),
    ...(inside.length > 0 ? ['', 'Inside of these, as machine code:'] : []),
    ...inside.map(lineOf),
    '',
    ...packed.flatMap((each) => [
      RULE,
      `${each.name} ${each.version} (${each.licence})`,
      RULE,
      '',
      licenceTextOf(project, each),
      '',
    ]),
    ...[...new Set(inside.flatMap(({ licence }) => licence.split(' AND ')))].flatMap((licence) => [
      RULE,
      `${licence}: the licence of ${inside
        .filter((component) => component.licence.split(' AND ').includes(licence))
        .map(({ name }) => name)
        .join(', ')}`,
      RULE,
      '',
      textOf(project, licence),
      '',
    ]),
  ].join('\n');
}

function lineOf({ name, version, licence, copyright, source, reason }: InsideComponent): string {
  const title = version === undefined ? name : `${name} ${version}`;
  return [
    `${title}: ${licence}. ${copyright}. ${source}`,
    ...(reason === undefined ? [] : [`  ${reason}`]),
  ].join('\n');
}

/** Apache-2.0 is our own. */
function textOf(project: string, licence: string): string {
  return licence === 'Apache-2.0'
    ? readFileSync(join(project, 'LICENSE'), 'utf8').trim()
    : usualText(licence);
}
