import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectAccessible } from './accessibility.ts';
import { expect, test } from './fixtures.ts';
import { choosingFile } from './host-files.ts';

/** Names that would do something where they are taken for more than text. */
const HOSTILE = [
  '<img src=x onerror="window.hacked=1">',
  '<script>window.hacked=2</script>',
  'javascript:window.hacked=3',
  '{{constructor.constructor("window.hacked=4")()}}',
  '\u001B[31mred\u001B[0m \u0007 \u001B]0;title\u0007',
  'evil\u202Etxt.exe',
  '\u2066isolated\u2069 \u200Bunseen',
  '__proto__',
  'constructor',
  `long ${'x'.repeat(10_000)}`,
  '=HYPERLINK("http://example.invalid")',
  // An instant that is in no calendar.
  '2026-13-45T00:00:00Z',
];

// Every record is opened in both of its views.
test.setTimeout(240_000);

test('what a realm calls its records is text wherever it is shown', async ({
  drawn,
  home,
  drawbridge,
  window,
}) => {
  const name = (nth: number): string => HOSTILE[nth % HOSTILE.length]!;
  const realm = {
    realm: { id: 'hostile', displayName: name(0), enabled: true },
    roles: HOSTILE.map((role, nth) => ({ name: role, description: name(nth + 1), composite: false })),
    clients: HOSTILE.map((clientId, nth) => ({
      clientId,
      name: name(nth + 2),
      redirectUris: [name(nth + 3)],
    })),
    users: HOSTILE.map((username, nth) => ({
      username,
      email: `person-${nth}@example.com`,
      firstName: name(nth + 4),
      lastName: name(nth + 5),
      roles: [name(nth)],
      [name(nth + 6)]: { [name(nth + 7)]: name(nth + 8) },
    })),
  };
  const path = join(home, 'hostile.json');
  await writeFile(path, JSON.stringify(realm));
  const changed = join(home, 'changed.json');
  await writeFile(
    changed,
    JSON.stringify({
      ...realm,
      users: realm.users.map((user) => ({ ...user, firstName: name(1), roles: [...user.roles, name(0)] })),
    }),
  );

  await drawn.getByRole('link', { name: 'Snapshots', exact: true }).click();
  await drawn.getByRole('button', { name: 'Import a file' }).first().click();
  await choosingFile(drawn, path, () => drawn.getByRole('button', { name: 'Choose a file' }).click());
  await expect(drawn.getByRole('textbox', { name: 'File' })).toHaveValue(/hostile\.json$/);
  await drawn.getByRole('combobox', { name: 'Tags' }).fill(HOSTILE[0]!);
  await drawn.keyboard.press('Enter');
  await drawn.getByRole('button', { name: 'Import', exact: true }).click();
  await drawn
    .getByRole('dialog')
    .getByRole('link', { name: /^hostile, / })
    .click();
  await expect(drawn.getByRole('heading', { level: 1, name: /^hostile, / })).toBeVisible();

  for (const tab of ['Roles', 'Clients', 'Users']) {
    await drawn.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
    const grid = drawn.getByRole('grid', { name: `${tab} of the snapshot` });
    await expect(grid.getByText(HOSTILE[0]!, { exact: true }).first()).toBeVisible();
    // What turns or hides text is told as what it is.
    await expect(grid.getByText('evil\\u{202E}txt.exe', { exact: true }).first()).toBeVisible();
    await expect(grid.getByText(/\\u\{1B\}\[31mred/).first()).toBeVisible();
    await expectHarmless();
  }
  const users = drawn.getByRole('grid', { name: 'Users of the snapshot' });
  await users.focus();
  for (let nth = 0; nth < HOSTILE.length; nth++) {
    await drawn.keyboard.press('Enter');
    const drawer = drawn.getByRole('dialog');
    await expect(drawer.getByText('firstName')).toBeVisible();
    await expectHarmless();
    await drawer.getByText('JSON', { exact: true }).click();
    await expect(drawer.getByText('"firstName"')).toBeVisible();
    await expectHarmless();
    if (nth === 0) await expectAccessible(drawn, window);
    await drawn.keyboard.press('Escape');
    await expect(users).toBeFocused();
    await drawn.keyboard.press('ArrowDown');
  }
  const search = drawn.getByLabel('Search in everything that this snapshot holds');
  for (const text of ['<img', 'xxxx', '__proto__', '\u202E']) {
    await search.fill(text);
    await expect(drawn.getByRole('status').filter({ hasText: 'found: ' })).toContainText('users');
    await expect(drawn.getByRole('grid', { name: 'What was found' }).locator('mark').first()).toBeVisible();
    await expectHarmless();
  }

  const imported = JSON.parse(await drawbridge(`snapshot import ${changed} --json`)) as {
    snapshots: { id: string }[];
  };
  await drawn.getByRole('link', { name: 'Snapshots', exact: true }).click();
  await expect(drawn.getByRole('listitem').filter({ hasText: HOSTILE[0]! })).toBeVisible();
  await expectAccessible(drawn, window);
  await drawn.getByRole('link', { name: /^Compare the latest two/ }).click();
  await expect(drawn.getByText(/records are changed/)).toBeVisible();
  expect(imported.snapshots).toHaveLength(1);
  const differences = drawn.getByRole('grid', { name: 'Differences' });
  await expect(differences.getByText(HOSTILE[0]!, { exact: true }).first()).toBeVisible();
  await differences.focus();
  await drawn.keyboard.press('Enter');
  await expect(drawn.getByRole('dialog').getByRole('row', { name: /firstName/ })).toBeVisible();
  // Who had a role before had it, though only what came is shown.
  await expect(drawn.getByRole('dialog').getByRole('row', { name: /^roles/ })).toContainText('nothing else');
  await expectHarmless();

  async function expectHarmless(): Promise<void> {
    await expect(drawn.locator('main img, [role=dialog] img, main script, [role=dialog] script')).toHaveCount(
      0,
    );
    const seen = await drawn.evaluate<unknown>(`({
      hacked: window.hacked ?? 'nothing',
      // A name of 10,000 characters pushes nothing aside.
      wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      // What turns or hides text does not stand in the page itself.
      turning: /[\\u202A-\\u202E\\u2066-\\u2069\\u200B\\u001B\\u0007]/.test(document.body.innerText),
    })`);
    expect(seen).toEqual({ hacked: 'nothing', wide: false, turning: false });
  }
});
