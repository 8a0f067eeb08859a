/**
 * Words of user names that say what an account is for, not whose it is. A user called "admin" is no reason to take every
 * "admin" of a realm for this user.
 */
const GENERIC: ReadonlySet<string> = new Set(
  `
  account accounts admin administrator administrators admins all anonymous api app application apps audit auditor auth
  backup batch bot build ci client clients default demo deploy dev developer developers editor example external guest
  guests help helpdesk hr info integration internal it job local login machine manager member members monitor monitoring
  name none office operator operators ops owner person portal prod production public qa read reader realm robot role root
  sa sales sample security server service services staff staging super superuser support svc sync system team technical
  test tester testing tests user username users view viewer web write writer
  `
    .trim()
    .split(/\s+/),
);

/** All of them, numbers at their ends aside: "test", "user-17", "admin2". In lower case. */
export function isGeneric(words: readonly string[]): boolean {
  return words.every((word) => {
    const plain = word.replace(/\d+$/, '');
    return plain === '' || GENERIC.has(plain);
  });
}
