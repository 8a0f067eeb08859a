import type { EnvironmentView } from '../../../contract/environment.ts';

/** By which ways an environment is reached. */
export function environmentText({ api, postgres }: EnvironmentView): string {
  if (api && postgres) return `Admin API and PostgreSQL, ${new URL(api.apiUrl).host}`;
  if (api) return `Admin API, ${new URL(api.apiUrl).host}`;
  return `PostgreSQL, ${postgres ? new URL(postgres.url).host : ''}`;
}
