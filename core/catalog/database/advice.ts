/** What to do about a catalog that cannot be opened, or not be trusted. */
export const REPAIR_ADVICE =
  'Check the disk. “drawbridge catalog repair” saves what is whole into a new catalog, says what is lost, and leaves this one as it is. Or put back the last good copy of the catalog.';

export const WRITABLE_ADVICE =
  'A catalog that cannot be written can be read: list, show, search, compare, verify and export what is in it. For all else make the folder and its files writable for this user, or copy them to where they are, and name the copy by --catalog.';
