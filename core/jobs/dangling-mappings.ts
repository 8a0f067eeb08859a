import { compareSection } from '../compare/compare-section.ts';
import type { SnapshotSides } from '../compare/section-side.ts';
import type { Connector } from '../connectors/connector.ts';
import { parseLine } from '../model/exact-json.ts';

export interface LeftMappings {
  /** The user whom the apply deleted. */
  readonly username: string;
  /** Role mappings that still bear his id. */
  readonly count: number;
}

/**
 * Users whom an apply deleted and whose role mappings are there still: no capture shows those, since mappings are read
 * through the users. Looked for by the ids of those who are gone; nothing where the route cannot tell.
 */
export async function* mappingsLeftBehind(
  connector: Connector,
  { before, after }: { readonly before: SnapshotSides; readonly after: SnapshotSides },
  signal: AbortSignal,
): AsyncGenerator<LeftMappings> {
  if (!connector.danglingMappings || !before.users || !after.users) return;
  for await (const stretch of compareSection(before.users, after.users, signal)) {
    if (stretch.kind === 'equal') continue;
    const gone = new Map<string, string>();
    for (const d of stretch.records) {
      if (d.kind !== 'removed') continue;
      const { id } = parseLine(d.left);
      if (typeof id === 'string') gone.set(id.toLowerCase(), d.key);
    }
    if (gone.size === 0) continue;
    const left = await connector.danglingMappings([...gone.keys()], signal);
    for (const [id, username] of gone) {
      const count = left.get(id);
      if (count !== undefined) yield { username, count };
    }
  }
}
