/** What to do about a catalog that cannot be opened, or not be trusted. */
export const REPAIR_ADVICE =
  'Check the disk. “drawbridge catalog repair” saves what is whole into a new catalog, says what is lost, and leaves this one as it is. Or put back the last good copy of the catalog.';

/** Even a look needs to write: whoever reads is seen by others that way, and every command first takes up what was broken off. */
export const WRITABLE_ADVICE =
  'Drawbridge writes to its catalog even when it only looks. Make the folder and its files writable for this user, or copy them to where they are, and name the copy by --catalog.';
