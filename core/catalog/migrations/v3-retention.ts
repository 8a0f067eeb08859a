/** What the catalog's owner has set for all of it, sealed, by the names of the parts of Drawbridge that use it. */
export const SCHEMA_V3_RETENTION = `
CREATE TABLE catalog_settings (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;
`;
