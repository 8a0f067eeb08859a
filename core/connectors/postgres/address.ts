import type pg from 'pg';
import type { Service } from './services.ts';
import type { PostgresSettings } from './settings.ts';

/** How pg is to connect to a database of this environment. */
export function clientConfig(
  settings: PostgresSettings,
  _service: Service | undefined,
  database: string,
): pg.ClientConfig {
  const url = new URL(settings.url);
  return {
    host: url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: settings.password ?? decodeURIComponent(url.password),
    database,
    application_name: 'drawbridge',
  };
}
