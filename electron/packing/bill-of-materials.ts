import { execFileSync } from 'node:child_process';
import { insideOf } from './inside-packages.ts';
import type { LockedPackage } from './packed-packages.ts';

/** As far as it is read and written here; everything else that npm writes stays as it is. https://cyclonedx.org */
export interface Bill {
  readonly bomFormat: string;
  metadata: { component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

interface Component {
  'bom-ref'?: string;
  type: string;
  name: string;
  version?: string;
  properties?: { name: string; value: string }[];
  components?: Component[];
  licenses?: unknown[];
  copyright?: string;
}

/**
 * What `npm sbom` knows of everything that is installed, cut down to what is packed. `--omit dev` would not do: React and most
 * of what the windows are made of are development packages to npm, since they are built in.
 *
 * @param packed and the program that it is packed with
 */
export function billOfMaterials(project: string, packed: readonly LockedPackage[]): Bill {
  const bill = JSON.parse(
    execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
      cwd: project,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      shell: process.platform === 'win32',
    }),
  ) as Bill;
  const wanted = new Map(packed.map((each) => [`${each.name}@${each.version}`, each]));
  const program = bill.metadata.component;
  // npm calls it after the folder that it lies in.
  bill.metadata.component = { ...program, type: 'application', name: 'drawbridge' };
  bill.components = bill.components.flatMap((component) => {
    const each = wanted.get(component['bom-ref'] ?? '');
    if (each === undefined) return [];
    const inside = insideOf(each.name).map(({ name, version, licence, copyright }) => ({
      type: 'library',
      name,
      ...(version !== undefined && { version }),
      licenses: [{ expression: licence }],
      copyright,
    }));
    // Also what only a build needs is packed when something of it was built in.
    const properties = component.properties?.filter(({ name }) => name !== 'cdx:npm:package:development');
    return [{ ...component, properties, ...(inside.length > 0 && { components: inside }) }];
  });
  const missing = [...wanted.keys()].filter(
    (ref) => !bill.components.some((component) => component['bom-ref'] === ref),
  );
  if (missing.length > 0) throw new Error(`“npm sbom” knows nothing of ${missing.join(', ')}: run “npm ci”.`);
  const kept = (ref: string) => wanted.has(ref) || ref === program['bom-ref'];
  bill.dependencies = bill.dependencies
    .filter(({ ref }) => kept(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(kept) }));
  return bill;
}
