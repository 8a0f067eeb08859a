import pg from 'pg';
import { expectAccessible } from './accessibility.ts';
import { expect, test } from './fixtures.ts';

// Stand-ins of its own: one of them is disturbed.
test.use({ standInsOf: 'warnings' });

test('what was left out of a backup stands before everything else, and a part is not taken for the whole', async ({
  drawn,
  standIns,
  drawbridge,
  window,
}) => {
  const dev = (await standIns()).find(({ name }) => name === 'dev')!;
  const rbac = new pg.Client({ connectionString: `${dev.pgUrl}opengate_rbac` });
  await rbac.connect();
  const { rowCount } = await rbac.query(
    `UPDATE user_role_mappings SET role_id = (SELECT id FROM roles WHERE realm_name = 'partner-portal' LIMIT 1)
     WHERE role_id = (SELECT id FROM roles WHERE realm_name = 'acme' AND name = 'viewer')`,
  );
  await rbac.end();
  await drawbridge(`env add dev --pg-url ${dev.pgUrl} --no-test`);
  await drawbridge('backup dev acme');
  await drawbridge('backup dev acme --sections roles');
  await drawn.reload();

  const row = drawn.getByRole('row').filter({ hasText: 'acme' });
  await expect(row).toContainText(/300 users.* · of some sections /);
  await drawn.getByRole('link', { name: 'Snapshots', exact: true }).click();
  const timeline = drawn.getByRole('region', { name: 'Snapshots of dev/acme' });
  await expect(timeline).toContainText(/2 backups \(1 not whole\), the newest .*, the newest whole one /);
  const whole = timeline.getByRole('listitem').last();
  await expect(whole).toContainText('1 warning');
  await whole.getByRole('link').first().click();
  const known = drawn.getByRole('alert', { name: 'What is to be known of it' });
  await expect(known).toContainText(`${rowCount} role mappings were left out`);
  await expect(drawn.getByText('All sections were read, with what is said above.')).toBeVisible();
  await expectAccessible(drawn, window);
});
