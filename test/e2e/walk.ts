import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import pg from 'pg';
import { expect, type StandIn } from './fixtures.ts';

/** Goes to a screen by its address within the window. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(path)}`);
}

export const step = (page: Page, name: string) => page.getByRole('heading', { level: 2, name });
export const next = (page: Page) => page.getByRole('button', { name: 'Next', exact: true });

/** Begins a walk from a realm as it is now. */
export async function chooseRealm(page: Page, environment: string, realm: string): Promise<void> {
  await goTo(page, '/migrate');
  await page.getByRole('radio', { name: new RegExp(`^${environment} `) }).click();
  await page.getByRole('combobox', { name: 'Realm' }).click();
  await page.getByRole('option', { name: realm, exact: true }).click();
  await next(page).click();
  await expect(step(page, 'What is to be brought?')).toBeVisible();
}

/** Chooses the target, and how. */
export async function chooseTarget(page: Page, environment: string, how?: string): Promise<void> {
  await expect(step(page, 'Where does it go?')).toBeVisible();
  await page.getByRole('radio', { name: new RegExp(`^${environment} `) }).click();
  await expect(page.locator('[data-probe="usable"]')).toBeVisible();
  await expect(page.locator('[data-realm-exists]')).toBeVisible();
  if (how !== undefined)
    await page
      .getByRole('radiogroup', { name: 'The realm' })
      .getByRole('radio', { name: new RegExp(`^${how}`) })
      .click();
}

export async function makePreview(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Make the preview' }).click();
  await expect(page.locator('[data-plan-counts]')).toBeVisible({ timeout: 60_000 });
}

/** Says that it is production that is meant. */
export async function nameProduction(page: Page): Promise<void> {
  await page.getByLabel(/Type the environment’s name/).fill('prod');
}

/** Waits for the report of what was carried out. */
export async function report(page: Page, verdict: string): Promise<void> {
  await expect(page.locator('[data-verdict]')).toContainText(verdict, { timeout: 60_000 });
}

export function standIn(all: readonly StandIn[], name: string): StandIn {
  const found = all.find((one) => one.name === name);
  if (!found) throw new Error(`There is no stand-in “${name}”.`);
  return found;
}

/** One statement in one of a stand-in's databases; answers its rows. */
export async function query(
  { pgUrl, databases }: StandIn,
  database: 'user' | 'realm' | 'rbac' | 'client',
  statement: string,
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: pgUrl + databases[database] });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** Keeps everybody from writing users, until it is let go. */
export async function holdUsers({ pgUrl, databases }: StandIn): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: pgUrl + databases['user'] });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE users IN SHARE MODE');
  let held = true;
  return async () => {
    if (held) await client.end();
    held = false;
  };
}

/** Changes a realm as somebody else would: over the Realms API. */
export async function renameRealm(
  { apiUrl, authUrl, clientId, clientSecret }: StandIn,
  realm: string,
): Promise<string> {
  const token = await fetch(`${authUrl}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
  });
  const { access_token: bearer } = (await token.json()) as { access_token: string };
  const displayName = `Renamed ${randomUUID()}`;
  const answer = await fetch(`${apiUrl}/api/realms/${realm}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ displayName }),
  });
  expect(answer.status).toBe(200);
  return displayName;
}
