/** Something stored that cannot be read as it was stored. */
export interface DamagedEntry {
  /** Which row: what its table is looked up by. */
  readonly id: string;
  /** What is wrong, as a sentence that names it as far as it is known. */
  readonly text: string;
}
