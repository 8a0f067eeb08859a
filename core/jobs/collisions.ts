import { ExternalSorter } from '../catalog/staging/external-sort.ts';
import type { SnapshotSides } from '../compare/section-side.ts';
import type { CanonicalRecord } from '../model/record.ts';
import { claimOf, claimRecord, emailClaims, nameClaims, type Claim } from '../planner/claims.ts';
import { collisionOf, collisionRecord, findCollisions } from '../planner/collisions.ts';
import type { Collision, PlanContext } from '../planner/plan.ts';

/** Collisions are asked for several times; so many are remembered, more are found again each time. */
const REMEMBERED = 20_000;

interface CollisionSearch {
  readonly stagingDir: string;
  readonly context: PlanContext;
  readonly sides: { readonly target: SnapshotSides; readonly source: SnapshotSides };
  readonly signal: AbortSignal;
}

/**
 * The users that get in each other's way by e-mail address or by name, in the order of user names, as often as asked.
 * Sorted on disk: memory does not grow with the number of users.
 */
export function collisionsOf(
  kind: 'email' | 'name',
  search: CollisionSearch,
): () => AsyncIterable<readonly Collision[]> {
  let remembered: Collision[] | undefined;
  return async function* () {
    if (remembered) {
      if (remembered.length > 0) yield remembered;
      return;
    }
    const found: Collision[] = [];
    for await (const collisions of searched(kind, search)) {
      if (found.length <= REMEMBERED) found.push(...collisions);
      yield collisions;
    }
    if (found.length <= REMEMBERED) remembered = found;
  };
}

async function* searched(
  kind: 'email' | 'name',
  search: CollisionSearch,
): AsyncGenerator<readonly Collision[]> {
  const { context, sides, signal } = search;
  const claims = (kind === 'email' ? emailClaims : nameClaims)(context, sides, signal);
  const byValue = sorted(mapped(claims, claimRecord), search);
  const collisions = findCollisions(mapped(byValue, claimOf) as AsyncIterable<readonly Claim[]>);
  yield* mapped(sorted(mapped(collisions, collisionRecord), search), collisionOf);
}

async function* sorted(
  batches: AsyncIterable<readonly CanonicalRecord[]>,
  { stagingDir, signal }: CollisionSearch,
): AsyncGenerator<readonly CanonicalRecord[]> {
  const sorter = new ExternalSorter({ dir: stagingDir, onDuplicate: 'keep', what: 'users' });
  try {
    for await (const records of batches) await sorter.add(records);
    yield* sorter.sorted(signal);
  } finally {
    await sorter.dispose();
  }
}

async function* mapped<A, B>(
  batches: AsyncIterable<readonly A[]>,
  each: (element: A) => B,
): AsyncGenerator<readonly B[]> {
  for await (const batch of batches) yield batch.map(each);
}
