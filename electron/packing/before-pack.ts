import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { billOfMaterials } from './bill-of-materials.ts';
import { Lock, packedPackages } from './packed-packages.ts';
import { thirdPartyList } from './third-party-list.ts';

const project = resolve(import.meta.dirname, '../..');

/**
 * electron-builder calls it before it packs: writes what lies in the program's `resources/third-party`, the list of everybody
 * whose work is in it and the bill of materials.
 */
export function beforePack(): void {
  const folder = join(project, 'out/third-party');
  mkdirSync(folder, { recursive: true });
  const packed = packedPackages(project);
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), thirdPartyList(project, packed));
  const bill = billOfMaterials(project, [...packed, new Lock(project).at('node_modules/electron')]);
  writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
}
