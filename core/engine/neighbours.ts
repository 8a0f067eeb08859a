import type { z } from 'zod';
import type { neighbourView } from '../../contract/comparison.ts';
import { isAppError, throwIfAborted } from '../../contract/errors.ts';
import type { Catalog } from '../catalog/index.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { diffSnapshots } from '../compare/diff-snapshots.ts';
import { snapshotSides } from '../jobs/snapshot-sides.ts';
import { SECTIONS } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';

type Neighbour = z.infer<typeof neighbourView>;
type Changes = NonNullable<Neighbour['changes']>;

const MOST = 60;
/** Pairs whose changes are remembered. */
const REMEMBERED = 600;
/** How long may be counted in one call. Milliseconds. */
const PATIENCE = 3_000;

/** What changed between the whole backups of a realm that follow each other: a chart of its history. */
export class Neighbours {
  readonly #snapshots: SnapshotStore;
  readonly #space: Catalog['space'];
  readonly #known = new Map<string, Changes>();
  readonly #patience: number;

  constructor(
    { snapshots, space }: Pick<Catalog, 'snapshots' | 'space'>,
    { patience = PATIENCE }: { readonly patience?: number } = {},
  ) {
    this.#snapshots = snapshots;
    this.#space = space;
    this.#patience = patience;
  }

  /** Oldest first; the latest are counted first. @throws AppError CANCELED */
  async of(
    { environment, realm }: { environment: string; realm: string },
    signal: AbortSignal,
  ): Promise<Neighbour[]> {
    const all = this.#snapshots
      .list({ environment, realm, purposes: ['backup'] })
      .filter(({ pseudonymized }) => pseudonymized === undefined)
      .toSorted((a, b) => Date.parse(b.finishedAt) - Date.parse(a.finishedAt));
    // Of one that has some sections only nobody can tell how large the realm was, nor what changed in the rest.
    const whole = all.filter(({ complete }) => complete);
    const newest = whole.length > 0 ? whole : all;
    const until = performance.now() + this.#patience;
    const told: Neighbour[] = [];
    for (const [at, snapshot] of newest.slice(0, MOST).entries()) {
      throwIfAborted(signal);
      const before = newest[at + 1];
      const isLate = performance.now() > until;
      const changes = before && this.#remembered(before, snapshot);
      const counted = changes ?? (before && !isLate ? await this.#counted(before, snapshot, signal) : null);
      told.push({
        snapshot: snapshot.id,
        finishedAt: snapshot.finishedAt,
        bytes: bytesOf(snapshot),
        changes: counted,
        ...(before && !changes && isLate && { pending: true as const }),
      });
    }
    // With the one before them, so that the first of many is not told to have added everything.
    const ids = newest.slice(0, MOST + 1).map(({ id }) => id);
    const added = (await this.#space.added(ids.toReversed(), signal)).toReversed();
    return told
      .map((neighbour, at) => {
        const addedBytes = added[at];
        return addedBytes === undefined ? neighbour : { ...neighbour, addedBytes };
      })
      .toReversed();
  }

  #remembered(left: SnapshotManifest, right: SnapshotManifest): Changes | undefined {
    if (left.root === right.root) return { added: 0, removed: 0, changed: 0 };
    return this.#known.get(pairOf(left, right));
  }

  /** `null`: one of the two is damaged, which its verification tells. */
  async #counted(
    left: SnapshotManifest,
    right: SnapshotManifest,
    signal: AbortSignal,
  ): Promise<Changes | null> {
    try {
      const sides = [snapshotSides(this.#snapshots, left), snapshotSides(this.#snapshots, right)] as const;
      const sum = { added: 0, removed: 0, changed: 0 };
      for await (const part of diffSnapshots(...sides, { signal })) {
        if (part.kind !== 'counts') continue;
        for (const kind of ['added', 'removed', 'changed'] as const) sum[kind] += part.counts[kind];
      }
      this.#known.set(pairOf(left, right), sum);
      for (const oldest of this.#known.keys()) {
        if (this.#known.size <= REMEMBERED) break;
        this.#known.delete(oldest);
      }
      return sum;
    } catch (error) {
      if (isAppError(error) && error.code === 'CATALOG_DAMAGED') return null;
      throw error;
    }
  }
}

/** What a comparison depends on: the records, and about what each side tells everything. */
function pairOf(left: SnapshotManifest, right: SnapshotManifest): string {
  return JSON.stringify(
    [left, right].map(({ root, knows, summaries }) => [root, knows, Object.keys(summaries)]),
  );
}

function bytesOf({ summaries }: SnapshotManifest): number {
  return SECTIONS.reduce((sum, section) => sum + (summaries[section]?.bytes ?? 0), 0);
}
