import type { Page } from '@playwright/test';
import { expectAccessible } from './accessibility.ts';
import { expect, test } from './fixtures.ts';
import { chooseRealm, chooseTarget, makePreview, next } from './walk.ts';

test.use({ withEnvironments: true });
// Each makes several previews.
test.beforeEach(() => test.slow());

const conflicts = (page: Page) => page.getByRole('region', { name: 'Conflicts' });
const decisions = (page: Page) => page.getByRole('region', { name: 'Decisions' });
const answer = (page: Page, name: string) => conflicts(page).getByRole('button', { name, exact: true });

async function recalculate(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Recalculate' }).click();
  await expect(page.getByRole('button', { name: 'Recalculate' })).toHaveCount(0, { timeout: 60_000 });
  await expect(page.locator('[data-recalculated]')).toBeVisible({ timeout: 60_000 });
}

/** Looks at one record, by its name. */
async function open(page: Page, key: string) {
  await page.getByLabel('Search in the records').fill(key);
  await page
    .getByRole('grid', { name: 'Every record of the plan' })
    .getByRole('gridcell', { name: key, exact: true })
    .first()
    .click();
  return page.getByRole('dialog');
}

/** In a window that is zoomed to 200 %: of a page that scrolls both ways nobody sees a line whole. */
async function expectOnlyTableScrollsSideways(page: Page): Promise<void> {
  const size = page.viewportSize()!;
  await page.setViewportSize({ width: 500, height: 320 });
  // Of the table's own, which is the innermost, and of the page's.
  const surplus = (around: 'table' | 'page') =>
    page.evaluate<number>(`(() => {
      const viewports = [];
      for (let at = document.querySelector('table[aria-label^="Records by section"]'); at; at = at.parentElement)
        if (at.matches('.mantine-ScrollArea-viewport')) viewports.push(at);
      const viewport = viewports.at(${around === 'page' ? -1 : 0});
      return viewport.scrollWidth - viewport.clientWidth;
    })()`);
  await expect.poll(() => surplus('table')).toBeGreaterThan(0);
  expect(await surplus('page')).toBe(0);
  await page.setViewportSize(size);
}

test('one answer to a conflict holds, outlasts a reload, stays in sight, and is taken back', async ({
  drawn: page,
  window,
}) => {
  await chooseRealm(page, 'dev', 'acme');
  await next(page).click();
  await chooseTarget(page, 'prod', 'Merge');
  await makePreview(page);
  await expect(page.getByText(/^Nothing will be written before the conflicts are settled\./)).toBeVisible();
  await expect(page.getByText(/^Would be written: /)).toBeVisible();
  await expectOnlyTableScrollsSideways(page);
  // What several run into is told without the name of one of them.
  const taken = conflicts(page).getByRole('group', {
    name: /^Users: Their e-mail addresses belong to other/,
  });
  const [, nameTaken] = /^Users: (.+?)(?:,| and |\n)/.exec(await taken.innerText())!;

  const variants = page.getByRole('group', { name: /^Users: The target has .* differ/ });
  const leaveOut = variants.getByRole('button', { name: 'Leave out all that cannot be written' });
  const create = variants.getByRole('button', { name: 'They are other people: create them beside those' });
  await leaveOut.click();
  await expect(leaveOut).toHaveAttribute('aria-pressed', 'true');
  await create.click();
  await expect(create).toHaveAttribute('aria-pressed', 'true');
  await expect(leaveOut).toHaveAttribute('aria-pressed', 'false');
  await answer(page, 'Update acme-ci').click();
  await expect(answer(page, 'Update acme-ci')).toHaveAttribute('aria-pressed', 'true');
  // The last decision counts.
  await answer(page, 'Leave out acme-ci').click();
  await expect(answer(page, 'Update acme-ci')).toHaveAttribute('aria-pressed', 'false');
  await answer(page, 'Leave the clients that exist as they are').click();
  await expect(conflicts(page).getByRole('button', { name: /out acme-ci/ })).toHaveCount(0);
  await expect(answer(page, 'But update acme-ci')).toBeVisible();
  await answer(page, 'Change the clients that exist').click();
  await answer(page, 'But leave out acme-ci').click();

  await page.reload();
  await expect(page.getByText('4 decisions are not in this preview yet')).toBeVisible();
  await expect(page.getByRole('status', { name: 'Making the preview' })).toHaveCount(0);
  await recalculate(page);
  await expect(conflicts(page)).toHaveCount(0);
  await expect(decisions(page).getByRole('listitem')).toHaveText([
    /^Merge into the realm/,
    /^Update clients/,
    /^Leave out records that cannot be written/,
    /^Create users whose names differ/,
    /^Leave out clients\/acme-ci/,
  ]);
  await expectAccessible(page, window);

  const client = await open(page, 'acme-ci');
  await expect(client).toContainText('On the target: stays so');
  await expect(client).not.toContainText('Afterwards');
  await client.getByRole('button', { name: 'Bring this record after all' }).click();
  await expect(decisions(page)).toContainText('1 decision is not in this preview yet');
  await decisions(page).getByRole('button', { name: 'Take back: Bring clients/acme-ci after all' }).click();
  await expect(page.getByRole('button', { name: 'Recalculate' })).toHaveCount(0);

  // Whom nobody has left out by name: skipped since they are there.
  const user = await open(page, 'Alice');
  await expect(user).toContainText('In the source: not brought');
  await expect(user).not.toContainText('Afterwards');
  await expect(user.getByRole('button', { name: 'Update all users who are there' })).toBeVisible();
  await expectAccessible(page, window);
  await user.getByRole('button', { name: 'Update this one' }).press('Enter');
  await expect(
    decisions(page).getByRole('listitem').filter({ hasText: 'not in the preview yet' }),
  ).toHaveText(/^Update users\/Alice/);
  const toBeUpdated = await open(page, 'Alice');
  await expect(toBeUpdated.getByRole('status')).toHaveText(/You have decided that this one is updated\./);
  await page.keyboard.press('Escape');

  const leftOut = await open(page, nameTaken!);
  await leftOut.getByRole('button', { name: 'Take back: Leave out all that cannot be written' }).click();
  await recalculate(page);
  await expect(taken).toBeVisible();

  const updated = await open(page, 'Alice');
  await expect(updated).toContainText('Afterwards');
  await expectAccessible(page, window);
  await updated.getByRole('button', { name: 'Take back: Update this one' }).click();
  await expect(decisions(page)).toContainText('Do not update users/Alice after all');
});

test('a realm that is there is not written to by who said to stop, nor promised to be as the source', async ({
  drawn: page,
  window,
}) => {
  await chooseRealm(page, 'dev', 'acme');
  await next(page).click();
  await chooseTarget(page, 'prod', 'Mirror');
  const mirror = page.locator('[data-mirror]');
  await expect(mirror).toContainText('not quite as the source. Users whom both have stay');
  for (const group of ['Users who are there', 'Clients that are there'])
    await page
      .getByRole('radiogroup', { name: group })
      .getByRole('radio', { name: /^Update them/ })
      .click();
  await expect(mirror).toContainText('has the records of the source, as the source has them');
  await expectAccessible(page, window);
  // One key chooses another target, and the next this one again: with what was chosen for it.
  const targets = page.getByRole('radiogroup', { name: 'Environment to write to' });
  await targets.getByRole('radio', { name: /^prod / }).press('ArrowUp');
  await expect(page.getByRole('radio', { name: /^Stop/ }).first()).toBeChecked();
  await targets.getByRole('radio', { name: /^dev / }).press('ArrowDown');
  await expect(mirror).toContainText('has the records of the source, as the source has them');
  await chooseTarget(page, 'prod', 'Stop');
  await makePreview(page);
  await expect(page.getByText(/^Nothing will be written: there is a realm “acme” on “prod”/)).toBeVisible();
  await expect(page.locator('[data-plan-counts]')).toContainText(/^Would create/);
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.getByRole('button', { name: 'Make it anew' }).click();
  await expect(page.getByRole('status', { name: 'Making the preview' })).toBeVisible();
  await expect(page.locator('[data-plan-counts]')).toBeVisible({ timeout: 60_000 });
});
