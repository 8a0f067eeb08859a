import pg from 'pg';
import { expectAccessible } from './accessibility.ts';
import { expect, test, type StandIn } from './fixtures.ts';
import { savedText } from './host-files.ts';
import { goTo } from './walk.ts';

test.use({ withEnvironments: true });
// Each looks at several screens in both themes.
test.setTimeout(240_000);

/** Changes somebody on the stand-in itself, as its own administrators would; answers how to take it back. */
async function rename(standIn: StandIn, username: string, firstName: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: `${standIn.pgUrl}${standIn.databases['user']}` });
  await client.connect();
  const { rows } = await client.query<{ first_name: string }>(
    `WITH before AS (SELECT id, first_name FROM users WHERE realm_name = 'partner-portal' AND username = $1)
     UPDATE users SET first_name = $2 FROM before WHERE users.id = before.id RETURNING before.first_name`,
    [username, firstName],
  );
  expect(rows).toHaveLength(1);
  return async () => {
    await client.query(
      `UPDATE users SET first_name = $2 WHERE realm_name = 'partner-portal' AND username = $1`,
      [username, rows[0]!.first_name],
    );
    await client.end();
  };
}

async function someUser(standIn: StandIn): Promise<string> {
  const client = new pg.Client({ connectionString: `${standIn.pgUrl}${standIn.databases['user']}` });
  await client.connect();
  const { rows } = await client.query<{ username: string }>(
    `SELECT username FROM users WHERE realm_name = 'partner-portal' AND username ~ '^[a-z]+$' ORDER BY username LIMIT 1`,
  );
  await client.end();
  return rows[0]!.username;
}

test('a snapshot is found, pinned, tagged, deleted and taken back', async ({ drawn, drawbridge, window }) => {
  await drawn.getByRole('link', { name: 'Snapshots', exact: true }).click();
  await expect(drawn.getByRole('heading', { name: 'No snapshots yet' })).toBeVisible();
  await expectAccessible(drawn, window);
  await drawbridge('backup dev acme partner-portal --tag nightly');
  await drawbridge('backup dev partner-portal');
  await drawn.reload();

  const timeline = drawn.getByRole('region', { name: 'Snapshots of dev/partner-portal' });
  const entries = timeline.getByRole('listitem');
  await expect(entries).toHaveCount(2);
  await expect(entries.first()).toContainText('unchanged');
  await expect(entries.last()).toContainText('nightly');
  await expect(
    timeline.getByRole('img', { name: /Size and changes of the last 2 whole backups/ }),
  ).toBeVisible();
  await timeline.getByRole('button', { name: 'Show as a table' }).click();
  await expect(timeline.getByRole('region', { name: 'The backups as a table' }).getByRole('row')).toHaveCount(
    3,
  );
  await expectAccessible(drawn, window);

  await drawn.getByRole('combobox', { name: 'Realm' }).click();
  await drawn.getByRole('option', { name: 'partner-portal' }).click();
  await expect(drawn.getByRole('region', { name: 'Snapshots of dev/acme' })).toHaveCount(0);

  const pin = entries.first().getByRole('button', { name: /^Pin / });
  await pin.click();
  await expect(pin).toHaveAttribute('aria-pressed', 'true');
  await expect(entries.first()).toContainText('pinned');

  await entries
    .first()
    .getByRole('button', { name: /^Actions / })
    .click();
  await drawn.getByRole('menuitem', { name: 'Tags' }).click();
  await drawn.getByRole('combobox', { name: 'Tags' }).fill('before-release');
  await drawn.keyboard.press('Enter');
  await drawn.getByRole('button', { name: 'Save the tags' }).click();
  await expect(entries.first()).toContainText('before-release');

  const remove = async (): Promise<void> => {
    await entries
      .last()
      .getByRole('button', { name: /^Actions / })
      .click();
    await drawn.getByRole('menuitem', { name: 'Move to the trash' }).click();
    await expect(entries).toHaveCount(1);
  };
  await remove();
  await drawn.getByRole('button', { name: 'Undo' }).click();
  await expect(entries).toHaveCount(2);
});

test('what is in the trash is had back, or deleted for good once its number is typed; all is verified', async ({
  drawn,
  drawbridge,
  window,
}) => {
  const backup = JSON.parse(await drawbridge('backup dev partner-portal --json')) as {
    snapshots: { id: string }[];
  };
  const { id } = backup.snapshots[0]!;
  await drawbridge(`snapshot delete ${id}`);
  await drawn.getByRole('link', { name: 'Snapshots', exact: true }).click();
  await drawn.getByRole('link', { name: 'Trash (1)' }).click();
  await expect(drawn.getByRole('heading', { level: 1, name: 'Trash' })).toBeVisible();
  await expect(drawn.getByRole('cell', { name: /^dev\/partner-portal, / })).toBeVisible();
  await expectAccessible(drawn, window);
  // It can still be compared with others, and is shown as what was chosen.
  await goTo(drawn, `/compare?left=${id}`);
  await expect(drawn.getByRole('combobox', { name: 'Before: snapshot' })).toHaveValue(new RegExp(id));
  await goTo(drawn, '/snapshots/trash');
  await drawn.getByRole('button', { name: /^Restore the snapshot of dev/ }).click();
  await expect(drawn.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
  await drawn.getByRole('link', { name: 'Back to the snapshots' }).click();
  await drawn
    .locator(`[data-snapshot="${id}"]`)
    .getByRole('button', { name: /^Actions / })
    .click();
  await drawn.getByRole('menuitem', { name: 'Move to the trash' }).click();
  await drawn.getByRole('link', { name: 'Trash (1)' }).click();
  await drawn.getByRole('button', { name: 'Empty the trash' }).click();
  await expect(drawn.getByRole('button', { name: 'Nothing to delete' })).toBeDisabled();
  await expect(drawn.getByLabel(/^Type 0/)).toHaveCount(0);
  await drawn.getByLabel('Everything that nothing counts on, now').check();
  const empty = drawn.getByRole('button', { name: 'Delete 1 snapshot for good' });
  await expect(empty).toBeDisabled();
  // Another look begins with what is harmless.
  await drawn.getByRole('button', { name: 'Cancel' }).click();
  await drawn.getByRole('button', { name: 'Empty the trash' }).click();
  await expect(drawn.getByLabel('Everything that nothing counts on, now')).not.toBeChecked();
  await drawn.getByLabel('Everything that nothing counts on, now').check();
  await drawn.getByLabel('Type 1 to confirm').fill('1');
  await empty.click();
  await expect(drawn.getByText('1 snapshot was deleted for good')).toBeVisible();
  await drawn.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  expect(await drawbridge('snapshot list --trash')).toContain('no snapshots');

  await drawn.getByRole('link', { name: 'Back to the snapshots' }).click();
  await drawn.getByRole('button', { name: 'Verify' }).click();
  await expect(drawn.getByRole('dialog').getByText('Whole', { exact: true })).toBeVisible();
});

test('a snapshot is looked into, searched, exported, copied and imported again', async ({
  drawn,
  drawbridge,
  window,
  home,
}) => {
  await drawbridge('backup dev acme');
  await drawn.getByRole('link', { name: 'Snapshots', exact: true }).click();
  await drawn
    .getByRole('region', { name: 'Snapshots of dev/acme' })
    .getByRole('listitem')
    .getByRole('link')
    .click();
  await expect(drawn.getByRole('heading', { level: 1, name: /^acme, / })).toBeVisible();
  const users = drawn.getByRole('grid', { name: 'Users of the snapshot' });
  await expect(users).toHaveAttribute('aria-rowcount', '301');
  await expectAccessible(drawn, window);

  await users.focus();
  await drawn.keyboard.press('End');
  await expect(users.getByRole('row', { selected: true })).toHaveAttribute('aria-rowindex', '301');
  await drawn.keyboard.press('PageUp');
  await drawn.keyboard.press('Home');
  await drawn.keyboard.press('ArrowDown');
  const second = users.getByRole('row', { selected: true });
  await expect(second).toHaveAttribute('aria-rowindex', '3');
  const name = await second.getByRole('gridcell').first().innerText();
  await drawn.keyboard.press('Enter');
  const drawer = drawn.getByRole('dialog');
  await expect(drawer.getByText('username')).toBeVisible();
  await expect(drawer).toContainText(name);
  await drawer.getByText('JSON', { exact: true }).click();
  await expect(drawer.getByText(`"username": ${JSON.stringify(name)}`)).toBeVisible();
  await expectAccessible(drawn, window);
  await expect(drawer.getByRole('link', { name: 'Restore this user' })).toHaveAttribute(
    'href',
    new RegExp(`^#/migrate\\?source=\\w+&only=users%2F`),
  );
  await drawn.keyboard.press('Escape');
  await expect(users).toBeFocused();

  await drawn.getByRole('tab', { name: /^Credentials/ }).click();
  await expect(drawn.getByRole('grid').getByText('present').first()).toBeVisible();

  const search = drawn.getByLabel('Search in everything that this snapshot holds');
  await search.fill('no such text anywhere');
  await expect(drawn.getByRole('heading', { name: 'Nothing was found' })).toBeVisible();
  await search.fill('alice.andersonlee');
  await expect(drawn.getByRole('status').filter({ hasText: 'found: ' })).toContainText('in users');
  await expect(drawn.getByRole('grid', { name: 'What was found' }).locator('mark').first()).toHaveText(
    'alice.andersonlee',
  );
  await expectAccessible(drawn, window);
  await search.press('Escape');

  await drawn.getByRole('button', { name: 'More actions for this snapshot' }).click();
  await drawn.getByRole('menuitem', { name: 'Export' }).click();
  // To replace one file is not to replace the next that is suggested.
  await drawn.getByLabel('Replace a file that is there').check();
  await drawn.getByLabel('Archive', { exact: true }).check();
  await expect(drawn.getByLabel('Replace a file that is there')).not.toBeChecked();
  await drawn.getByLabel('Everybody: not encrypted').check();
  const write = drawn.getByRole('button', { name: 'Export', exact: true });
  await expect(write).toBeDisabled();
  await drawn.getByLabel('Whoever knows a passphrase').check();
  await drawn.getByLabel('Passphrase of the archive', { exact: true }).fill('hunter2 hunter2');
  await drawn.getByLabel('The passphrase again', { exact: true }).fill('hunter2 hunter2');
  await drawn.getByRole('textbox', { name: 'File' }).fill(`${home}/acme.tar.zst.age`);
  await expectAccessible(drawn, window);
  await write.click();
  await expect(drawn.getByText(/^Written: /)).toBeVisible();
  await drawn.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();

  await drawn.getByRole('button', { name: 'More actions for this snapshot' }).click();
  await drawn.getByRole('menuitem', { name: 'Make a pseudonymised copy' }).click();
  const meaning = drawn.getByRole('list', { name: 'What a pseudonymised copy is' }).getByRole('listitem');
  await expect(meaning).toContainText(['Replaced', 'Taken out', 'Stays', 'Cannot be undone']);
  await drawn.getByRole('button', { name: 'Make the copy' }).click();
  await expect(drawn.getByRole('dialog').getByText(/made-up users/)).toBeVisible();
  await drawn.getByRole('dialog').getByRole('link', { name: 'Look into it' }).click();
  await expect(drawn.getByText('pseudonymised', { exact: true })).toBeVisible();
  await drawn.locator('a[href*="/migrate?source="]').first().click();
  await expect(drawn.getByText(/snapshot \w+, a pseudonymised copy of “/).first()).toBeVisible();

  await drawn.getByRole('link', { name: 'Snapshots', exact: true }).click();
  await drawn.getByRole('button', { name: 'Import a file' }).click();
  await drawn.getByRole('textbox', { name: 'File' }).fill(`${home}/acme.tar.zst.age`);
  await drawn.getByRole('textbox', { name: 'Passphrase' }).fill('hunter2 hunter2');
  await drawn.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(drawn.getByText('nothing was stored twice')).toBeVisible();
  await drawn.getByRole('dialog').getByRole('link', { name: 'Show the job' }).click();
  await expect(drawn.getByRole('heading', { level: 2, name: 'Nothing new' })).toBeVisible();
  await expect(drawn.getByText('nothing was stored twice')).toBeVisible();
});

test('what changed between two backups, and since, is told member by member', async ({
  drawn,
  drawbridge,
  standIns,
  window,
}) => {
  const [dev] = await standIns();
  const someone = await someUser(dev!);
  await drawbridge('backup dev partner-portal');
  const takeBack = await rename(dev!, someone, '=1+1');
  try {
    await drawbridge('backup dev partner-portal');
    await drawn.getByRole('link', { name: 'Snapshots', exact: true }).click();
    await drawn.getByRole('link', { name: /^Compare the latest two of dev\/partner-portal/ }).click();
    await expect(drawn.getByText(/^1 record is changed; .* are the same\.$/)).toBeVisible();
    const differences = drawn.getByRole('grid', { name: 'Differences' });
    await expect(differences.getByRole('row')).toHaveCount(2);
    await expectAccessible(drawn, window);
    await differences.focus();
    await drawn.keyboard.press('Enter');
    const drawer = drawn.getByRole('dialog');
    await expect(drawer.getByRole('row', { name: /firstName/ })).toContainText('=1+1');
    await expectAccessible(drawn, window);
    await drawn.keyboard.press('Escape');

    await drawn.getByText('Removed', { exact: true }).click();
    await expect(drawn.getByRole('heading', { name: 'Nothing fits' })).toBeVisible();
    await drawn.getByText('Removed', { exact: true }).click();
    const filter = drawn.getByLabel('Only records whose name contains');
    await filter.fill('nobody of this name');
    await expect(drawn.getByRole('heading', { name: 'Nothing fits' })).toBeVisible();
    await filter.fill(someone.toUpperCase());
    await expect(differences.getByRole('row')).toHaveCount(2);
    const text = await savedText(drawn, () =>
      drawn.getByRole('button', { name: 'Save the differences that are listed as CSV' }).click(),
    );
    // A spreadsheet runs nothing of it.
    expect(text).toContain(`users,${someone},changed,firstName,`);
    expect(text).toContain(`"'=1+1"`);

    await drawn.getByRole('button', { name: 'Compare others' }).click();
    const before = drawn.getByRole('group', { name: 'Before' });
    await before.getByText('The latest').click();
    await before.getByRole('combobox').click();
    await drawn.getByRole('option', { name: 'dev/partner-portal' }).click();
    const after = drawn.getByRole('group', { name: 'After' });
    await after.getByText('As it is now').click();
    await after.getByRole('combobox', { name: 'After: environment' }).click();
    await drawn.getByRole('option', { name: 'dev' }).click();
    await after.getByRole('combobox', { name: 'After: realm' }).click();
    await drawn.getByRole('option', { name: 'partner-portal' }).click();
    await expectAccessible(drawn, window);
    await drawn.getByRole('button', { name: 'Compare', exact: true }).click();
    await expect(drawn.getByRole('heading', { name: 'Nothing differs' })).toBeVisible();
    await expectAccessible(drawn, window);
  } finally {
    await takeBack();
  }
});
