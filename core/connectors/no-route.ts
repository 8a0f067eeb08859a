import type { SectionRoute } from './connector.ts';

/** A section of which nothing can be written. */
export const NO_ROUTE: SectionRoute = {
  create: 'no',
  createWithRealm: false,
  createMembers: [],
  updateMembers: [],
  addOnlyMembers: [],
  delete: false,
};
