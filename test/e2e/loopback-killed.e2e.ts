import { expect, test } from './fixtures.ts';
import { Program } from './program.ts';
import {
  chooseRealm,
  chooseTarget,
  holdUsers,
  makePreview,
  nameProduction,
  next,
  report,
  standIn,
  step,
} from './walk.ts';

// The desktop program starts its engine again by itself: electron-jobs.e2e.ts.
test.use({ standInsOf: 'killed', withEnvironments: true });

/** A job whose process was killed is noticed once its lease has run out. */
const NOTICED_AFTER = 60_000;

test('a job whose engine was killed is shown as interrupted, and resumed', async ({
  page,
  prepared,
  standIns,
}) => {
  test.setTimeout(240_000);
  const all = await standIns();
  const serve = async (port?: number): Promise<{ program: Program; url: string; port: number }> => {
    const program = new Program(
      `serve --json --no-schedules${port === undefined ? '' : ` --port ${port}`}`,
      prepared,
    );
    return { program, ...(JSON.parse(await program.firstLine()) as { url: string; port: number }) };
  };
  const letGo = await holdUsers(standIn(all, 'prod'));
  let first: Awaited<ReturnType<typeof serve>> | undefined;
  let second: Awaited<ReturnType<typeof serve>> | undefined;
  try {
    first = await serve();
    await page.goto(first.url);
    await expect(page.getByRole('navigation')).toBeVisible();
    await chooseRealm(page, 'dev', 'field-ops');
    await page.getByLabel('Name of the realm on the target').fill('field-x');
    await next(page).click();
    await chooseTarget(page, 'prod');
    await makePreview(page);
    await next(page).click();
    await nameProduction(page);
    await page.getByRole('button', { name: 'Create “field-x”' }).click();
    await expect(step(page, 'It is being carried out')).toBeVisible();
    await expect(page.getByRole('progressbar').first()).toBeVisible();
    await first.program.kill();
    await expect(page.getByText('The engine stopped')).toBeVisible();
    await expect(page.getByText('The line to the engine broke.').first()).toBeVisible();
    // What was not looked at before cannot be fetched now, which is no defect.
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await expect(page.getByText('This screen could not be fetched from Drawbridge.')).toBeVisible();
    await expect(page.getByText('This is a defect of Drawbridge')).toHaveCount(0);
    second = await serve(first.port);
    await page.goto(second.url);
    await expect(page.getByRole('navigation')).toBeVisible({ timeout: 60_000 });
    await page.getByRole('link', { name: 'Migrate & restore' }).click();
    await expect(step(page, 'It has stopped')).toBeVisible({ timeout: NOTICED_AFTER });
    await expect(page.getByText('Interrupted')).toBeVisible();
    await letGo();
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await page.getByText(/^Needs attention/).click();
    await page.getByRole('link', { name: /Apply plan/ }).click();
    await expect(page.getByText('Its process ended without a word')).toBeVisible();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await report(page, 'Done and verified');
  } finally {
    await letGo();
    await first?.program.stop();
    await second?.program.stop();
  }
});
