/** Fewer calls tell nothing. */
const ENOUGH = 16;
/** How much of the average the latest call is. */
const WEIGHT = 0.1;
/** Clearly above: so many times the floor, and so many milliseconds more. Some milliseconds are no overload. */
const TIMES = 3;
const MORE_MS = 250;
/** The floor is the lowest average of the last one to two of these, milliseconds: a server that is slow for good is normal. */
const WINDOW_MS = 60_000;
/** Kinds of calls are few; whatever makes them many must not cost memory. */
const MOST_KINDS = 64;

interface Kind {
  calls: number;
  /** Of the recent calls, milliseconds. */
  average: number;
  floor: number;
  floorBefore: number;
  windowFrom: number;
}

/** Notices when a server answers clearly more slowly than it did lately. Each kind of call has its own measure. */
export class LatencyWatch {
  readonly #kinds = new Map<string, Kind>();

  /**
   * @param ms until the answer began
   * @param at when the call was made, milliseconds
   * @returns whether calls of this kind take clearly longer now
   */
  note(name: string, ms: number, at: number): boolean {
    const kind = this.#kind(name, at);
    kind.calls++;
    const weight = Math.max(WEIGHT, 1 / kind.calls);
    kind.average += weight * (ms - kind.average);
    if (kind.calls < ENOUGH) return false;
    if (at - kind.windowFrom > WINDOW_MS) {
      kind.floorBefore = kind.floor;
      kind.floor = kind.average;
      kind.windowFrom = at;
    }
    kind.floor = Math.min(kind.floor, kind.average);
    const floor = Math.min(kind.floor, kind.floorBefore);
    return kind.average > Math.max(floor * TIMES, floor + MORE_MS);
  }

  /** Starts the averages anew, not the floors: what comes now is to show whether asking for less has helped. */
  forgetRecent(): void {
    for (const kind of this.#kinds.values()) kind.calls = 0;
  }

  #kind(name: string, at: number): Kind {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    if (this.#kinds.size >= MOST_KINDS) this.#kinds.clear();
    const kind = { calls: 0, average: 0, floor: Infinity, floorBefore: Infinity, windowFrom: at };
    this.#kinds.set(name, kind);
    return kind;
  }
}
