/** Something stored that cannot be read as it was stored. */
export interface DamagedEntry {
  /** Which row: what its table is looked up by. */
  readonly id: string;
  /** What is wrong, as a sentence that names it as far as it is known. */
  readonly text: string;
}

/** Letters and digits, as every id has them: of which length and which of them is up to whoever makes one. */
const ID = /^[0-9a-z]{1,40}$/;

/**
 * An id as a sentence may name it. What stands in a damaged row may be anything: of an id that is none, what is left of its
 * beginning, by which it can still be looked up.
 */
export function namedId(id: string): string {
  if (ID.test(id)) return id;
  const whole = /^[0-9a-z]{0,14}/.exec(id)![0];
  return `${whole === '' ? '' : `${whole}… `}(its id is damaged as well)`;
}
