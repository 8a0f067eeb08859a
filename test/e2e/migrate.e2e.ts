import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from './accessibility.ts';
import { expect, test } from './fixtures.ts';
import { savedText } from './host-files.ts';
import {
  chooseRealm,
  chooseTarget,
  goTo,
  makePreview,
  nameProduction,
  next,
  query,
  renameRealm,
  report,
  standIn,
  step,
} from './walk.ts';

test.use({ standInsOf: 'migrate' });

test.use({ withEnvironments: true });
// Walks of many steps, each of which reads and writes realms.
test.beforeEach(() => test.slow());

test('a realm is created, found again on the way, reported, and undone', async ({
  drawn: page,
  drawbridge,
  window,
}) => {
  await goTo(page, '/migrate');
  await expect(step(page, 'Where does the realm come from?')).toBeVisible();
  await expect(next(page)).toBeDisabled();
  await expectAccessible(page, window);
  await chooseRealm(page, 'dev', 'field-ops');
  await page.getByRole('radio', { name: /^Single records/ }).click();
  await expect(next(page)).toBeDisabled();
  await expectAccessible(page, window);
  await page.getByRole('radio', { name: /^Everything/ }).click();
  await page.getByLabel('Name of the realm on the target').fill('Field A');
  await expect(next(page)).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Target', exact: true })).toBeDisabled();
  await page.getByLabel('Name of the realm on the target').fill('field-a');

  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await expect(page.getByText('No job yet')).toBeVisible();
  await expectAccessible(page, window);
  await page.getByRole('link', { name: 'Migrate & restore' }).click();
  await expect(page.getByLabel('Name of the realm on the target')).toHaveValue('field-a');
  await page.reload();
  await expect(page.getByLabel('Name of the realm on the target')).toHaveValue('field-a');
  await expectNothingLost(page);
  await expectPasswordForgotten(page);
  await next(page).click();

  await chooseTarget(page, 'prod');
  await expect(page.locator('[data-realm-exists="false"]')).toContainText('will be created');
  await expect(page.locator('[data-production]')).toContainText('is production');
  await expectAccessible(page, window);
  await makePreview(page);
  await expect(page.locator('[data-plan-counts]')).toContainText(/Creates the realm’s settings, .* 60 users/);
  await expect(page.getByRole('grid', { name: 'Every record of the plan' })).toBeVisible();
  await expectAccessible(page, window);
  // Back is safe: the same choices are the same preview, which is said, as well as how old it is.
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect(page.getByText(/^Made /)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Make the preview' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Show the preview' }).click();
  await next(page).click();
  await expect(step(page, 'Carry it out?')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await expectAccessible(page, window);
  // Nothing is destroyed, and still nothing is written to production by who has not said that it is meant.
  await expect(page.getByRole('button', { name: 'Create “field-a”' })).toBeDisabled();
  await expect(page.getByLabel(/Type the realm’s name/)).toHaveCount(0);
  await nameProduction(page);
  // However fast somebody clicks, it is carried out once.
  await page.getByRole('button', { name: 'Create “field-a”' }).dblclick();
  await report(page, 'Done and verified');
  const { jobs } = JSON.parse(await drawbridge('job list --json')) as {
    jobs: { id: string; kind: string }[];
  };
  expect(jobs.filter(({ kind }) => kind === 'apply')).toHaveLength(1);
  await expect(page.getByText('There was no realm “field-a” before.')).toBeVisible();
  await expectAccessible(page, window);
  expect(await drawbridge('realms prod --json')).toContain('"field-a"');

  await expectDownload(page);

  await page.getByRole('button', { name: 'Undo …' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Undo' })).toBeVisible();
  await expect(page.getByText('The realm “field-a” on “prod” will be deleted')).toBeVisible({
    timeout: 60_000,
  });
  await next(page).click();
  await page.getByLabel(/Type the realm’s name/).fill('field-a');
  await page.getByLabel(/Type the environment’s name/).fill('prod');
  await page.getByRole('button', { name: 'Delete “field-a”' }).click();
  await report(page, 'Undone and verified');
  expect(await drawbridge('realms prod --json')).not.toContain('"field-a"');

  // What the engine advises by a command, the window says and leads to.
  const [apply] = jobs.filter(({ kind }) => kind === 'apply');
  await goTo(page, `/migrate?job=${apply!.id}`);
  const refusal = page.locator('[data-error="USAGE"]');
  await expect(refusal).toContainText(
    /has been undone by job (\w+) already\..*To take that back: press “Undo …” on the page of job \1\./,
    { timeout: 60_000 },
  );
  await expect(refusal).not.toContainText(/drawbridge|--/);
  await expectAccessible(page, window);
  const [, undoing] = /by job (\w+)/.exec(await refusal.innerText())!;
  await refusal.getByRole('link', { name: 'on the page of job' }).click();
  await expect(page.getByText(`Brings the realm back to what it was before job ${undoing}.`)).toBeVisible();
  await expect(page.locator('[data-plan-counts]')).toContainText('Creates', { timeout: 60_000 });
});

/** What the preview warned of stands where it is confirmed, however long it is. */
async function expectWarningsAgain(page: Page): Promise<void> {
  const again = page.locator('[data-warnings]');
  const summary = again.locator('summary');
  await expect(summary).toHaveText(/^\d+ warnings? of the preview$/);
  const items = again.getByRole('listitem');
  if (!(await items.first().isVisible())) await summary.click();
  await expect(items.first()).toBeVisible();
  await expect(items).toHaveCount(Number.parseInt(await summary.innerText(), 10));
  await page.getByRole('link', { name: 'See them in the preview' }).click();
  await expect(step(page, 'What would be done')).toBeVisible();
  await next(page).click();
  await expect(again).toBeVisible();
}

/** By a link that leads nowhere, and by beginning anew. */
async function expectNothingLost(page: Page): Promise<void> {
  await goTo(page, '/migrate?source=no-such-snapshot');
  await expect(page.locator('[data-error="NOT_FOUND"]')).toBeVisible();
  await expect(page.getByLabel('Name of the realm on the target')).toHaveValue('field-a');
  await page.getByRole('button', { name: 'Start over' }).click();
  await expect(step(page, 'Where does the realm come from?')).toBeVisible();
  await expect(next(page)).toBeDisabled();
  await page.reload();
  await page.getByRole('button', { name: 'Forget it' }).click();
  await expect(page.getByRole('button', { name: 'Go back to it' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Bring it back' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Go back to it' }).click();
  await expect(page.getByLabel('Name of the realm on the target')).toHaveValue('field-a');
  // Home tells of it, and leads back to it, until it is put away there.
  await goTo(page, '/');
  const begun = page.getByRole('listitem').filter({ hasText: /^A migration is begun: dev\/.*, at What/ });
  await begun.getByRole('link', { name: 'Go on' }).click();
  await expect(page.getByLabel('Name of the realm on the target')).toHaveValue('field-a');
  await goTo(page, '/');
  await begun.getByRole('button', { name: 'Put away' }).click();
  await expect(begun).toBeHidden();
  await goTo(page, '/migrate');
  await expect(page.getByLabel('Name of the realm on the target')).toHaveValue('field-a');
}

/** Never is a copy made without the password that was typed for it. */
async function expectPasswordForgotten(page: Page): Promise<void> {
  await page.getByLabel('Replace everybody by somebody else first').check();
  await page.getByLabel('Password of everybody who had one', { exact: true }).fill('practice');
  await expect(next(page)).toBeEnabled();
  await page.reload();
  await expect(page.getByText('The one that you typed is not kept.')).toBeVisible();
  await expect(next(page)).toBeDisabled();
  await page.getByRole('button', { name: 'Nobody has a password' }).click();
  await expect(next(page)).toBeEnabled();
  await page.getByLabel('Replace everybody by somebody else first').uncheck();
}

async function expectDownload(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save the report' }).click();
  const saved = await savedText(page, () => page.getByRole('menuitem', { name: /^JSON/ }).click());
  expect(JSON.parse(saved)).toMatchObject({
    job: { kind: 'apply', state: 'succeeded' },
  });
}

test('conflicts of a merge are settled, and the undoing brings back what was there', async ({
  drawn: page,
  drawbridge,
  window,
}) => {
  await drawbridge('backup prod acme --tag before');
  await chooseRealm(page, 'dev', 'acme');
  await next(page).click();
  await chooseTarget(page, 'prod', 'Merge');
  await makePreview(page);
  const conflicts = page.getByRole('region', { name: 'Conflicts' });
  await expect(conflicts).toContainText('have to be settled first');
  await expect(
    conflicts.getByRole('button', { name: 'Leave the clients that exist as they are' }),
  ).toBeVisible();
  await expect(next(page)).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Confirm' })).toBeDisabled();
  await expectAccessible(page, window);

  await conflicts.getByRole('button', { name: 'Leave the clients that exist as they are' }).click();
  await conflicts.getByRole('button', { name: 'Leave out all that cannot be written' }).first().click();
  await expect(page.getByText('2 decisions are not in this preview yet')).toBeVisible();

  // One record is looked at, and left out by itself.
  await page.getByLabel('Search in the records').fill('beta-tester');
  await expect(page.getByRole('checkbox', { name: 'Include roles/beta-tester' })).toBeChecked();
  const table = page.getByRole('grid', { name: 'Every record of the plan' });
  await table.getByRole('gridcell', { name: 'beta-tester', exact: true }).click();
  const drawer = page.getByRole('dialog');
  await expect(drawer).toContainText('The target does not have this role: it will be created.');
  await expectAccessible(page, window);
  await drawer.getByRole('button', { name: 'Leave this record out' }).click();
  await expect(page.getByText('Leave out roles/beta-tester')).toBeVisible();
  await expect(page.getByRole('checkbox', { name: 'Include roles/beta-tester' })).not.toBeChecked();
  await page.getByRole('button', { name: 'Recalculate' }).click();
  await expect(page.locator('[data-recalculated]')).toContainText(/Conflict: \d+ → 0/, { timeout: 60_000 });
  await expect(conflicts).toBeHidden();

  await next(page).click();
  await expectWarningsAgain(page);
  await nameProduction(page);
  await page.getByRole('button', { name: 'Change “acme”' }).click();
  await report(page, 'Done and verified');
  await page.getByRole('button', { name: 'Undo …' }).click();
  await expect(page.locator('[data-plan-counts]')).toBeVisible({ timeout: 60_000 });
  await next(page).click();
  await expect(page.locator('[data-losses]')).toBeVisible();
  await page.getByLabel(/Type the realm’s name/).fill('acme');
  await page.getByLabel(/Type the environment’s name/).fill('prod');
  await page.getByRole('button', { name: 'Bring “acme” back' }).click();
  await report(page, 'Undone and verified');
  // Ends with 3 if anything differs, which would fail this test.
  expect(JSON.parse(await drawbridge('diff latest:prod/acme prod/acme --json'))).toMatchObject({
    equal: true,
  });

  await page.getByRole('link', { name: 'See the job' }).click();
  await expect(page.getByText('Journal')).toBeVisible();
  await expectAccessible(page, window);
});

test('production is overwritten only by who types both names, and never by Enter', async ({
  drawn: page,
  window,
}) => {
  await chooseRealm(page, 'dev', 'partner-portal');
  await next(page).click();
  await chooseTarget(page, 'prod', 'Overwrite');
  await makePreview(page);
  await expect(page.locator('[data-losses]')).toContainText('every session of the realm ends');
  await next(page).click();
  const realm = page.getByLabel(/Type the realm’s name/);
  const environment = page.getByLabel(/Type the environment’s name/);
  const carryOut = page.getByRole('button', { name: 'Delete and recreate “partner-portal”' });
  await expect(page.locator('[data-losses]')).toContainText('every session of the realm ends');
  await expectAccessible(page, window);
  await expect(carryOut).toBeDisabled();
  if (window === 'loopback') await expectInSight(page, [realm, environment, carryOut]);
  await realm.fill('partner');
  await expect(carryOut).toBeDisabled();
  await realm.fill('partner-portal');
  await expect(carryOut).toBeDisabled();
  await environment.fill('dev');
  await expect(page.getByText('This is not the environment’s name.')).toBeVisible();
  await expect(carryOut).toBeDisabled();
  await environment.fill('prod');
  await expect(carryOut).toBeEnabled();
  await environment.press('Enter');
  await expect(step(page, 'What would be done')).toBeVisible();
  await next(page).click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(step(page, 'What would be done')).toBeVisible();
  await next(page).click();
  await expect(realm).toHaveValue('');
  await realm.fill('partner-portal');
  await environment.fill('prod');
  await carryOut.click();
  await report(page, 'Done and verified');
});

/** In the smallest window, and before anything is scrolled. */
async function expectInSight(page: Page, parts: readonly Locator[]): Promise<void> {
  const size = page.viewportSize()!;
  await page.setViewportSize({ width: 1000, height: 640 });
  for (const part of parts) await expect(part).toBeInViewport({ ratio: 1 });
  await page.setViewportSize(size);
}

test('what was changed since the preview is not written over', async ({
  drawn: page,
  drawbridge,
  standIns,
}) => {
  const prod = standIn(await standIns(), 'prod');
  await drawbridge('migrate dev/field-ops prod --realm-name field-d --sections realm,roles,users');
  await renameRealm(prod, 'field-d');
  await chooseRealm(page, 'dev', 'field-ops');
  await page.getByRole('radio', { name: /^Some sections/ }).click();
  for (const name of ['Realm settings', 'Roles', 'Users'])
    await page.getByLabel(name, { exact: true }).check();
  await page.getByLabel('Name of the realm on the target').fill('field-d');
  await next(page).click();
  await chooseTarget(page, 'prod', 'Merge');
  await makePreview(page);
  await next(page).click();
  const displayName = await renameRealm(prod, 'field-d');
  await nameProduction(page);
  await page.getByRole('button', { name: 'Change “field-d”' }).click();
  await expect(page.locator('[data-error="TARGET_CHANGED"]')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('Nothing was written. A new preview')).toBeVisible();
  const shown = "select display_name from realms where name = 'field-d'";
  expect(await query(prod, 'realm', shown)).toEqual([{ display_name: displayName }]);
  await page.getByRole('button', { name: 'Make a new preview' }).click();
  await expect(page.locator('[data-plan-counts]')).toContainText('Changes the realm’s settings', {
    timeout: 60_000,
  });
  await next(page).click();
  await nameProduction(page);
  await page.getByRole('button', { name: 'Change “field-d”' }).click();
  await report(page, 'Done and verified');
  // So nobody has to look at the one that was refused any more.
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await expect(page.getByText('Needs attention (0)')).toBeVisible();
  await expect(page.getByRole('row', { name: /Failed .*Apply plan/ })).toBeVisible();
});

/** A file is the source once it is read: not the one that was read before it, and not one that could not be read. */
async function expectOnlyReadFile(page: Page, home: string): Promise<void> {
  const path = join(home, 'from-file.json');
  await writeFile(path, JSON.stringify({ realm: { id: 'from-file', enabled: true }, users: [] }));
  await goTo(page, '/migrate');
  await page.getByRole('radio', { name: /^A file/ }).click();
  await page.getByLabel('Path', { exact: true }).fill(path);
  await page.getByRole('button', { name: 'Read the file' }).click();
  await expect(next(page)).toBeEnabled();
  await page.getByLabel('Path', { exact: true }).fill(`${path}.missing`);
  await expect(next(page)).toBeDisabled();
  await page.getByRole('button', { name: 'Read the file' }).click();
  await expect(page.locator('[data-error]')).toBeVisible();
  await expect(next(page)).toBeDisabled();
  await page.reload();
  await expect(page.getByLabel('Path', { exact: true })).toHaveValue(`${path}.missing`);
  await expect(next(page)).toBeDisabled();
}

/** A browser hands over a copy, which lies where nobody would look for it. */
async function expectNameOfCopy(
  page: Page,
  home: string,
  drawbridge: (line: string) => Promise<string>,
): Promise<void> {
  // What is wrong with one that is broken is told by its own name, and so is the job that has read it.
  const broken = { name: 'Realm of Ácme (1).json', mimeType: 'application/json' };
  const choosingBroken = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a file' }).click();
  await (await choosingBroken).setFiles({ ...broken, buffer: Buffer.from('{"realm": {"id": "acme",}}') });
  await expect(page.getByLabel('Path', { exact: true })).toHaveValue(broken.name);
  await page.getByRole('button', { name: 'Read the file' }).click();
  const told = page.locator('[data-error="INVALID_DOCUMENT"]');
  await expect(told).toContainText(`${broken.name}, line 1, column 25`);
  await expect(told).toContainText('Remove the comma before it');
  expect(await drawbridge('job list')).toContain(`Import ${broken.name}`);

  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a file' }).click();
  await (await choosing).setFiles(join(home, 'from-file.json'));
  await expect(page.getByLabel('Path', { exact: true })).toHaveValue('from-file.json');
  await page.reload();
  await expect(page.getByLabel('Path', { exact: true })).toHaveValue('from-file.json');
  await page.getByRole('button', { name: 'Read the file' }).click();
  await expect(page.getByRole('radio', { name: /^Realm “from-file”/ })).toBeVisible();
  await page.getByRole('button', { name: 'Type a path instead' }).click();
  await expect(page.getByLabel('Path', { exact: true })).toHaveValue('');
}

test('one user is restored from a snapshot, and nobody else', async ({
  drawn: page,
  drawbridge,
  home,
  standIns,
  window,
}) => {
  await expectOnlyReadFile(page, home);
  if (window === 'loopback') await expectNameOfCopy(page, home, drawbridge);
  const dev = standIn(await standIns(), 'dev');
  await drawbridge('backup dev acme');
  const change = (name: string) =>
    `update users set first_name = '${name}' where realm_name = 'acme' and username in ('alice', 'null')`;
  await query(dev, 'user', change('Mallory'));
  await goTo(page, '/migrate?source=latest:dev/acme&only=users/alice');
  await expect(page.getByRole('heading', { level: 1, name: 'Restore' })).toBeVisible();
  await makePreview(page);
  await expect(page.locator('[data-plan-counts]')).toContainText('Changes 1 user.');
  await next(page).click();
  await page.getByRole('button', { name: 'Change “acme”' }).click();
  await report(page, 'Done and verified');
  const names =
    "select username, first_name from users where realm_name = 'acme' and username in ('alice', 'null') order by 1";
  expect(await query(dev, 'user', names)).toEqual([
    { username: 'alice', first_name: 'Alice' },
    { username: 'null', first_name: 'Mallory' },
  ]);
  await query(
    dev,
    'user',
    "update users set first_name = null where realm_name = 'acme' and username = 'null'",
  );
});
