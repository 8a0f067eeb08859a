import type { CanonicalRecord } from '../model/record.ts';
import type { Claim } from './claims.ts';
import type { Collision } from './plan.ts';

const BATCH = 1_000;

/**
 * Finds the claims that get in each other's way, in one pass and constant memory, however many share a value. Claims
 * come in the order of `claimRecord`: folded value, value, target before source.
 *
 * Reported are users that the plan would write, each with one other party: with the same value (each of two sources
 * names the other), or with one that differs by case only.
 */
export async function* findCollisions(
  sorted: AsyncIterable<readonly Claim[]>,
): AsyncIterable<readonly Collision[]> {
  let found: Collision[] = [];
  const report = (of: Claim, other: Claim): void => {
    if (of.side !== 'source' || of.username === other.username) return;
    found.push({
      username: of.username,
      value: of.value ?? of.username,
      otherUsername: other.username,
      otherSide: other.side,
      exact: of.value !== undefined && of.value === other.value,
    });
  };
  let ofFold = new FirstClaim(report);
  let ofValue = new FirstClaim(report);
  for await (const claims of sorted) {
    for (const claim of claims) {
      const sameFold = claim.fold === ofFold.claim?.fold;
      if (!sameFold) ofFold = new FirstClaim(report);
      if (!sameFold || claim.value !== ofValue.claim?.value) {
        ofValue = new FirstClaim(report);
        ofFold.meet(claim);
      }
      ofValue.meet(claim);
    }
    if (found.length >= BATCH) {
      yield found;
      found = [];
    }
  }
  if (found.length > 0) yield found;
}

/** Remembers the first claim and reports each later one against it, and it against the first of another user. */
class FirstClaim {
  claim: Claim | undefined;
  #reported = false;
  readonly #report: (of: Claim, other: Claim) => void;

  constructor(report: (of: Claim, other: Claim) => void) {
    this.#report = report;
  }

  meet(claim: Claim): void {
    if (!this.claim) {
      this.claim = claim;
      return;
    }
    this.#report(claim, this.claim);
    if (this.#reported || claim.username === this.claim.username) return;
    this.#report(this.claim, claim);
    this.#reported = true;
  }
}

/** A collision as a record for an external sorter, whose key puts it in the order in which the plan asks. */
export function collisionRecord(of: Collision): CanonicalRecord {
  const rest = [of.exact ? '0' : '1', of.value, of.otherSide, of.otherUsername];
  const key = [of.username, ...rest.map((part) => part.replaceAll('\u0000', '\ufffd'))].join('\u0000');
  return { key, line: Buffer.from(JSON.stringify(of)) };
}

export function collisionOf(record: CanonicalRecord): Collision {
  return JSON.parse(record.line.toString()) as Collision;
}
