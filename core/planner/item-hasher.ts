import type { Hash, Hmac } from 'node:crypto';

/** A call into the hash costs more than the few hundred bytes of an item. */
const HASHED_AT_ONCE = 65_536;

/** Gathers texts and lines of bytes, each item ending with a line break, before they go into the hash. */
export class ItemHasher {
  readonly #hash: Hash | Hmac;
  readonly #pending = Buffer.allocUnsafe(HASHED_AT_ONCE);
  #length = 0;

  constructor(hash: Hash | Hmac) {
    this.#hash = hash;
  }

  text(text: string): void {
    // No character takes more than three bytes for each of its units.
    if (text.length * 3 + 1 > HASHED_AT_ONCE) this.#directly(Buffer.from(text));
    else {
      this.#makeRoom(text.length * 3 + 1);
      this.#length += this.#pending.write(text, this.#length);
    }
    this.#break();
  }

  /** @param head ASCII */
  line(head: string, line: Buffer): void {
    const length = head.length + line.length + 1;
    if (length > HASHED_AT_ONCE) {
      this.#directly(Buffer.from(head));
      this.#directly(line);
    } else {
      this.#makeRoom(length);
      this.#length += this.#pending.write(head, this.#length, 'latin1');
      this.#pending.set(line, this.#length);
      this.#length += line.length;
    }
    this.#break();
  }

  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #break(): void {
    this.#makeRoom(1);
    this.#pending[this.#length++] = 0x0a;
  }

  #directly(bytes: Buffer): void {
    this.#flush();
    this.#hash.update(bytes);
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes > HASHED_AT_ONCE) this.#flush();
  }

  #flush(): void {
    this.#hash.update(this.#pending.subarray(0, this.#length));
    this.#length = 0;
  }
}
