import { throwIfAborted } from '../../../contract/errors.ts';
import type { ChunkRef, SnapshotStore } from '../../catalog/snapshot-store.ts';
import { parseLine } from '../../model/exact-json.ts';
import { displayKey } from '../../model/natural-key.ts';
import type { JsonObject } from '../../model/record.ts';
import { SECTIONS, type Section } from '../../model/sections.ts';
import { withSecretsHidden } from '../../model/hide-secrets.ts';
import type { SnapshotManifest } from '../../model/snapshot.ts';
import { Needle } from './needle.ts';
import { recordShownAs } from './record-shown-as.ts';

export interface SearchMatch {
  readonly section: Section;
  readonly key: string;
  readonly record: JsonObject;
}

export interface SearchBatch {
  readonly matches: SearchMatch[];
  /** Of `searchFromName`: records of exactly this name, which come again in their places. */
  readonly named?: SearchMatch[];
  /** Records looked at so far. */
  readonly searched: number;
  readonly of: number;
  readonly done: boolean;
  /** There are more than `limit`. */
  readonly truncated: boolean;
}

export interface SearchRequest {
  readonly text: string;
  readonly sections?: readonly Section[] | undefined;
  readonly limit: number;
}

/**
 * How long the engine may be kept from everything else, and how often it is told how far the search has come: a window that
 * draws that more often takes the processor from the search. Milliseconds.
 */
const PAUSE_EVERY = 20;
const TELL_EVERY = 400;

/**
 * Records whose shown form contains a text, without regard to case, in order. Secrets are hidden before they are looked
 * at, so that a search cannot be used to guess one. The first ones are told as soon as they are found.
 *
 * @throws AppError CANCELED; CATALOG_DAMAGED
 */
export async function* searchSnapshot(
  snapshots: SnapshotStore,
  manifest: SnapshotManifest,
  { text, sections, limit }: SearchRequest,
  signal?: AbortSignal,
): AsyncGenerator<SearchBatch, undefined> {
  const needle = new Needle(text);
  const wanted = wantedOf(sections);
  const of = recordsIn(manifest, wanted);
  let searched = 0;
  let found = 0;
  const matches: SearchMatch[] = [];
  let told = performance.now();
  let paused = told;
  const batch = (end: { done: boolean; truncated: boolean }): SearchBatch => {
    told = performance.now();
    return { matches: matches.splice(0), searched, of, ...end };
  };
  for (const section of wanted) {
    for (const chunk of snapshots.chunks(manifest.id, section)) {
      for (const match of matchesIn(snapshots, chunk, needle)) {
        if (found === limit) {
          yield batch({ done: true, truncated: true });
          return undefined;
        }
        matches.push(match);
        found++;
      }
      searched += chunk.count;
      const isFirst = matches.length > 0 && matches.length === found;
      if (isFirst || performance.now() - told >= TELL_EVERY) yield batch({ done: false, truncated: false });
      if (performance.now() - paused >= PAUSE_EVERY) {
        await new Promise((resolve) => setImmediate(resolve));
        paused = performance.now();
      }
      throwIfAborted(signal);
    }
  }
  yield batch({ done: true, truncated: false });
  return undefined;
}

/** As `searchSnapshot`, for somebody who types: a record whose name was typed whole is looked up, and told before all else. */
export async function* searchFromName(
  snapshots: SnapshotStore,
  manifest: SnapshotManifest,
  request: SearchRequest,
  signal?: AbortSignal,
): AsyncGenerator<SearchBatch, undefined> {
  const wanted = wantedOf(request.sections);
  const named: SearchMatch[] = [];
  for (const section of wanted) {
    const found = recordShownAs(snapshots, manifest.id, { section, key: request.text });
    if (found)
      named.push({ section, key: request.text, record: withSecretsHidden(section, parseLine(found.line)) });
    // Each is a few chunks.
    await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(signal);
  }
  if (named.length > 0)
    yield { matches: [], named, searched: 0, of: recordsIn(manifest, wanted), done: false, truncated: false };
  yield* searchSnapshot(snapshots, manifest, request, signal);
  return undefined;
}

function wantedOf(sections: readonly Section[] | undefined): readonly Section[] {
  return SECTIONS.filter((section) => !sections || sections.includes(section));
}

function recordsIn({ summaries }: SnapshotManifest, sections: readonly Section[]): number {
  return sections.reduce((sum, section) => sum + (summaries[section]?.count ?? 0), 0);
}

/** All of them at once. */
export async function searchWhole(
  batches: AsyncIterable<SearchBatch>,
): Promise<{ matches: SearchMatch[]; truncated: boolean }> {
  const matches: SearchMatch[] = [];
  let truncated = false;
  for await (const batch of batches) {
    matches.push(...batch.matches);
    truncated = batch.truncated;
  }
  return { matches, truncated };
}

/** Synchronous but for the caller's own pauses: the chunk's text must not outlive them. */
function* matchesIn(snapshots: SnapshotStore, chunk: ChunkRef, needle: Needle): Generator<SearchMatch> {
  const text = snapshots.readLines(chunk);
  const keyOf = snapshots.lineKey(chunk.section);
  for (const { start, end } of needle.lines(text)) {
    if (!needle.mayStandIn(text.toString('utf8', start, end))) continue;
    const record = withSecretsHidden(chunk.section, parseLine(text.subarray(start, end)));
    if (needle.standsIn(record))
      yield { section: chunk.section, key: displayKey(keyOf(text, start, end)), record };
  }
}
