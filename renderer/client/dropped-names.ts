/** So many are remembered, the newest. */
const MOST = 50;
const STORED = 'drawbridge.dropped';

/**
 * Under which names files were dropped, by the paths of their copies: remembered by the browser, since a page that is loaded
 * anew, or a window that is opened again, still shows the path that was chosen.
 */
export class DroppedNames {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | undefined;
  #names: ReadonlyMap<string, string>;

  /** @param storage undefined: the browser gives none; then they are remembered until the page is left */
  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | undefined) {
    this.#storage = storage;
    this.#names = this.#stored();
  }

  of(path: string): string | undefined {
    return this.#names.get(path);
  }

  add(path: string, name: string): void {
    // Another window may have added some meanwhile.
    const all = new Map([...this.#stored(), ...this.#names, [path, name]]);
    this.#names = new Map([...all].slice(-MOST));
    try {
      this.#storage?.setItem(STORED, JSON.stringify([...this.#names]));
    } catch {
      // It is full, or may not be written: this page remembers them.
    }
  }

  #stored(): Map<string, string> {
    try {
      const names: unknown = JSON.parse(this.#storage?.getItem(STORED) ?? '[]');
      return new Map(Array.isArray(names) ? names.filter(isNamed) : []);
    } catch {
      return new Map();
    }
  }
}

function isNamed(entry: unknown): entry is [string, string] {
  return Array.isArray(entry) && entry.length === 2 && entry.every((part) => typeof part === 'string');
}

/** Where the browser keeps things for a page; undefined: it keeps nothing. */
export function browserStorage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
