import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createAdminApiConnector } from '../../core/connectors/admin-api/index.ts';
import { createBothConnector } from '../../core/connectors/both/index.ts';
import type { Connector } from '../../core/connectors/connector.ts';
import { createPostgresConnector } from '../../core/connectors/postgres/index.ts';
import { startSandbox, type Sandbox } from '../../sandbox/index.ts';
import { routeTables, type Way } from './route-tables.ts';

const PAGE = new URL('../../docs/dialects.md', import.meta.url);
const FROM = '<!-- tables: written by test/dialects, from what the connectors say of themselves -->';
const TO = '<!-- end of tables -->';

const signal = new AbortController().signal;

/** What a way in says of itself, and what a capture over it says that it tells. */
async function way(title: string, connector: Connector): Promise<Way> {
  try {
    const route = await connector.capabilities(signal);
    const capture = connector.capture('acme', {}, signal);
    for await (const _batch of capture.batches) continue;
    const facts = capture.facts();
    const missing = facts.missing.map((each) => ({ ...each, reason: each.reason.replace(/^\d+ /, 'The ') }));
    return { title, route, facts: { ...facts, missing } };
  } finally {
    await connector.close();
  }
}

function overApi(sandbox: Sandbox, gateway = true): Connector {
  const { apiUrl, authUrl, gatewayUrl, clientId, clientSecret } = sandbox.environment('dev');
  return createAdminApiConnector({
    name: 'dev',
    apiUrl,
    authUrl,
    ...(gateway && { gatewayUrl }),
    clientId,
    clientSecret,
  });
}

function overPostgres(sandbox: Sandbox): Connector {
  return createPostgresConnector({ name: 'dev', url: sandbox.environment('dev').pgUrl });
}

function overBoth(sandbox: Sandbox): Connector {
  return createBothConnector({ api: overApi(sandbox), postgres: overPostgres(sandbox) });
}

/** To write the tables anew: `DRAWBRIDGE_WRITE_TABLES=1 npx vitest run test/dialects`. */
test('docs/dialects.md says what each way in reads and writes, as the connectors say it of themselves', async () => {
  const options = { environments: ['dev'], users: 10, bcryptCost: 4 };
  await using documented = await startSandbox(options);
  await using released = await startSandbox({ ...options, dialect: 'v1.1' });
  const tables = routeTables([
    await way('Documented API', overApi(documented)),
    await way('v1.1 API', overApi(released)),
    await way('v1.1 API without gateway', overApi(released, false)),
    await way('PostgreSQL', overPostgres(released)),
    await way('PostgreSQL and documented API', overBoth(documented)),
    await way('PostgreSQL and v1.1 API', overBoth(released)),
  ]);
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(`${FROM}\n`);
  const after = rest?.split(TO)[1];
  if (before === undefined || after === undefined)
    throw new Error('docs/dialects.md has no place for tables.');
  const written = `${before}${FROM}\n\n${tables}\n\n${TO}${after}`;
  if (process.env['DRAWBRIDGE_WRITE_TABLES'] === '1') writeFileSync(PAGE, written);
  else expect(page).toBe(written);
});
