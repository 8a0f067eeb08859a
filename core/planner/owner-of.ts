import type { Difference, Stretch } from '../compare/difference.ts';
import { parseLine } from '../model/exact-json.ts';

/** The sections whose records belong to users. */
export type OwnedSection = 'credentials' | 'socialLinks';

/** The user to whom it belongs, or is to belong. */
export function ownerOf(section: OwnedSection, d: Difference): string {
  if (section === 'credentials') return d.key.slice(0, d.key.indexOf('\u0000'));
  return linkHolder(d.kind === 'removed' ? d.left : d.right);
}

/** A credential's: "PASSWORD", "TOTP". */
export function typeOf({ key }: { readonly key: string }): string {
  return key.slice(key.indexOf('\u0000') + 1);
}

export function linkHolder(line: Buffer): string {
  const username = parseLine(line)['username'];
  return typeof username === 'string' ? username : '';
}

/** All users whom these concern. */
export function* ownersIn(section: OwnedSection, stretches: readonly Stretch[]): Iterable<string> {
  for (const stretch of stretches) {
    if (stretch.kind === 'equal') continue;
    for (const d of stretch.records) {
      yield ownerOf(section, d);
      if (section === 'socialLinks' && d.kind === 'changed') yield linkHolder(d.left);
    }
  }
}
