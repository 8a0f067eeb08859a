import { recordsOf } from '../compare/compare-section.ts';
import { recordFinder } from '../compare/record-finder.ts';
import type { SnapshotSides } from '../compare/section-side.ts';
import type { Catalog } from '../catalog/index.ts';
import { parseLine } from '../model/exact-json.ts';
import type { JsonObject } from '../model/record.ts';

/**
 * The client ids that the server gave, in earlier jobs on this realm, to what was created for clients of a source. The
 * latest wins.
 */
export function issuedBefore(
  { jobs }: Pick<Catalog, 'jobs'>,
  target: { readonly environment: string; readonly realm: string },
): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const { applying, issued } of jobs.list()) {
    if (applying?.environment !== target.environment || applying.realm !== target.realm) continue;
    for (const { section, key, issued: given } of issued ?? [])
      if (section === 'clients' && !known.has(key)) known.set(key, given);
  }
  return known;
}

/**
 * For clients of the source that the target lacks: the one that was created for them before, and so must not be created
 * again. Those that this catalog remembers, where they are still there; and, since the work may have been broken off or
 * done from another catalog, those that look like it: an id such as the server issues, the same name, the same kind.
 *
 * Bounded by the number of clients.
 */
export async function issuedAs(
  { source, target }: { readonly source: SnapshotSides; readonly target: SnapshotSides },
  remembered: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  if (!source.clients || !target.clients) return {};
  const byLook = new Map<string, string[]>();
  const there = new Set<string>();
  const claimed = new Set(remembered.values());
  const ofSource = recordFinder(source.clients);
  for await (const records of recordsOf(target.clients, signal))
    for (const { key, line } of records) {
      there.add(key);
      if (!isIssuedKey(key) || claimed.has(key) || (await ofSource.find(key))) continue;
      const look = lookOf(key, parseLine(line));
      byLook.set(look, [...(byLook.get(look) ?? []), key]);
    }
  const found = new Map<string, string>();
  for await (const records of recordsOf(source.clients, signal))
    for (const { key, line } of records) {
      if (there.has(key)) continue;
      const known = remembered.get(key);
      const given =
        known !== undefined && there.has(known) ? known : byLook.get(lookOf(key, parseLine(line)))?.shift();
      if (given !== undefined) found.set(key, given);
    }
  return Object.fromEntries(found);
}

/** OpenGate v1.1.0, ClientService: "client-" and the first eight digits of a UUID. */
const ISSUED = /^client-[\da-f]{8}$/;

/** Whether a client id is such as the server gives. */
export function isIssuedKey(key: string): boolean {
  return ISSUED.test(key);
}

function lookOf(key: string, { name, publicClient }: JsonObject): string {
  // One without a name is created with its id as its name.
  const called = typeof name === 'string' && name.trim() !== '' ? name : key;
  return JSON.stringify([called, publicClient === true]);
}
