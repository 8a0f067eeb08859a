import { segment } from '../path-segment.ts';
import type { BaseUrls } from '../settings.ts';
import type { SECTION_EXPORTS } from './route.ts';

/** The addresses of the documented dialect (OpenGate documentation, pages Import/Export and Realms API). */
export interface DocumentedEndpoints {
  export(realm: string, section?: (typeof SECTION_EXPORTS)[number]): string;
  importRealm(overwrite: boolean): string;
  importUsers(realm: string, merge: boolean): string;
}

export function documentedEndpoints({ api }: Pick<BaseUrls, 'api'>): DocumentedEndpoints {
  return {
    export: (realm, section) =>
      `${api}/admin/realms/${segment(realm)}/${section === undefined ? 'export' : `${section}/export`}`,
    importRealm: (overwrite) => `${api}/admin/realms/import${overwrite ? '?overwrite=true' : ''}`,
    importUsers: (realm, merge) =>
      `${api}/admin/realms/${segment(realm)}/users/import${merge ? '?mergeUsers=true' : ''}`,
  };
}
