import { throwIfAborted } from '../../contract/errors.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { parseLine } from '../model/exact-json.ts';
import { displayKey } from '../model/natural-key.ts';
import type { JsonObject } from '../model/record.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import { withSecretsHidden } from '../model/secret.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';

export interface SearchMatch {
  readonly section: Section;
  readonly key: string;
  readonly record: JsonObject;
}

/**
 * Records whose shown form contains a text, without regard to case. Secrets are hidden before they are looked at, so
 * that a search cannot be used to guess one.
 */
export async function searchSnapshot(
  snapshots: SnapshotStore,
  manifest: SnapshotManifest,
  request: { text: string; sections?: readonly Section[]; limit: number },
  signal?: AbortSignal,
): Promise<{ matches: SearchMatch[]; truncated: boolean }> {
  const wanted = request.text.toLowerCase();
  const matches: SearchMatch[] = [];
  for (const section of SECTIONS) {
    if (request.sections && !request.sections.includes(section)) continue;
    for await (const records of snapshots.read(manifest.id, section, signal)) {
      throwIfAborted(signal);
      for (const { key, line } of records) {
        // Most lines do not have it anywhere, and need no parsing. Escapes make the raw line no more than a first sieve.
        if (!line.includes(0x5c) && !line.toString('utf8').toLowerCase().includes(wanted)) continue;
        const record = withSecretsHidden(parseLine(line)) as JsonObject;
        if (!shows(record, wanted)) continue;
        if (matches.length === request.limit) return { matches, truncated: true };
        matches.push({ section, key: displayKey(key), record });
      }
    }
  }
  return { matches, truncated: false };
}

function shows(value: unknown, wanted: string): boolean {
  if (typeof value === 'object' && value !== null)
    return Object.values(value).some((inner) => shows(inner, wanted));
  return String(value).toLowerCase().includes(wanted);
}
