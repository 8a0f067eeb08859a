import type { ApiClient } from '../api-client.ts';
import type { RealmList } from '../realm-list.ts';
import type { AdminApiSettings } from '../settings.ts';
import type { ReleasedEndpoints } from './endpoints.ts';

/** What reading and writing resource by resource needs. */
export interface ReleasedTools {
  readonly client: ApiClient;
  readonly endpoints: ReleasedEndpoints;
  readonly realms: RealmList;
  /** `limits.concurrency`: how many calls may be under way at once. */
  readonly settings: Pick<AdminApiSettings, 'limits'>;
}
