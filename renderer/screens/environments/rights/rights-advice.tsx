import { Code, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { SERVICE_NAMES, type EnvironmentView } from '../../../../contract/environment.ts';
import { CopyText } from '../../../design/copy-text.tsx';
import { Section } from '../../../design/page.tsx';
import { visible } from '../../../../contract/visible.ts';
import classes from '../environments.module.css';
import { grantsOf } from './grants.ts';
import { isAddress, partsOf } from '../form/postgres-address.ts';

/** Which rights the login needs in the databases, as statements to be run there. */
export function RightsAdvice({ postgres }: { postgres: NonNullable<EnvironmentView['postgres']> }) {
  const [purpose, setPurpose] = useState<'backup' | 'import'>('backup');
  const role = loginOf(postgres.url) ?? `drawbridge_${purpose}`;
  const sql = SERVICE_NAMES.map((service) => {
    const place = postgres.databases[service];
    const database = databaseOf(place) ?? `opengate_${service}`;
    const login = (place?.includes('://') && loginOf(place)) || role;
    return [`-- in ${database}`, ...grantsOf(service, { role: login, database, purpose })].join('\n');
  }).join('\n\n');
  return (
    <Section
      title="Rights in the databases"
      actions={
        <SegmentedControl
          size="xs"
          aria-label="What the login is for"
          data={[
            { value: 'backup', label: 'To back up' },
            { value: 'import', label: 'To import as well' },
          ]}
          value={purpose}
          onChange={(value) => setPurpose(value)}
        />
      }
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          An ordinary login is enough: no superuser, and it owns nothing. Have the owner of the tables run
          this, each part in its database. These rights include the password hashes of all users: keep the
          login’s password as you would keep those. A test says which of them are missing.
        </Text>
        <Code block className={classes.sql} tabIndex={0} aria-label="Statements that give the rights">
          {visibleSql(sql)}
        </Code>
        <Group>
          <CopyText text={sql} label="Copy the statements" />
        </Group>
      </Stack>
    </Section>
  );
}

function visibleSql(sql: string): string {
  return sql.split('\n').map(visible).join('\n');
}

function loginOf(address: string): string | undefined {
  const user = isAddress(address) ? partsOf(address).user : '';
  return user === '' ? undefined : user;
}

/** Its name, where one is given. */
function databaseOf(place: string | undefined): string | undefined {
  if (place === undefined || !place.includes('://')) return place;
  const name = isAddress(place) ? partsOf(place).database : '';
  return name === '' ? undefined : name;
}
