import { Button, Checkbox, Fieldset, Group, Text, TextInput } from '@mantine/core';
import { IconRefresh, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { counted } from '../../design/moments.ts';
import { Waiting } from '../../design/page.tsx';
import classes from './realm-choice.module.css';

/** From how many realms on they can be filtered. */
const MANY = 8;

/** Which realms of an environment, which is asked for them now. */
export function RealmChoice({
  environment,
  chosen,
  onChange,
}: {
  environment: string;
  /** Undefined: every one. */
  chosen: readonly string[] | undefined;
  onChange: (realms: readonly string[] | undefined) => void;
}) {
  const api = useApi();
  const [filter, setFilter] = useState('');
  const { data, error, isFetching, refetch } = useQuery({
    ...api.engine.environments.realms.queryOptions({ input: { name: environment } }),
    // Each time it is asked of a server.
    refetchOnWindowFocus: false,
    staleTime: 30_000,
  });
  if (error)
    return (
      <ErrorNotice error={error}>
        <Button
          size="compact-xs"
          color="brick"
          variant="outline"
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={isFetching}
          onClick={() => void refetch()}
        >
          Try again
        </Button>
      </ErrorNotice>
    );
  if (!data)
    return (
      <Fieldset legend="Realms">
        <Text size="xs" c="dimmed" mb="xs">
          Asking {environment} for its realms …
        </Text>
        <Waiting />
      </Fieldset>
    );
  const names = data.map(({ name }) => name);
  const isChosen = (name: string): boolean => chosen === undefined || chosen.includes(name);
  const count = chosen === undefined ? names.length : chosen.length;
  const shown = data.filter(({ name, displayName = '' }) =>
    `${name} ${displayName}`.toLowerCase().includes(filter.toLowerCase()),
  );
  const toggle = (name: string): void => {
    const now = names.filter((one) => (one === name ? !isChosen(one) : isChosen(one)));
    onChange(now.length === names.length ? undefined : now);
  };
  return (
    <Fieldset legend="Realms">
      {names.length === 0 ? (
        <Text size="sm">This environment has no realm.</Text>
      ) : (
        <>
          <Group justify="space-between" mb="xs">
            <Checkbox
              label={`Every realm (${counted(names.length, 'realm')})`}
              fw={500}
              checked={count === names.length}
              indeterminate={count > 0 && count < names.length}
              onChange={() => onChange(count === names.length ? [] : undefined)}
            />
            {names.length > MANY && (
              <TextInput
                size="xs"
                aria-label="Filter the realms"
                placeholder="Filter"
                leftSection={<IconSearch size={14} aria-hidden />}
                value={filter}
                onChange={(event) => setFilter(event.currentTarget.value)}
                onKeyDown={(event) => {
                  // It looks for realms, and does not send the form that they are chosen in.
                  if (event.key === 'Enter') event.preventDefault();
                }}
              />
            )}
          </Group>
          <div className={classes.list}>
            {shown.map(({ name, displayName, enabled }) => (
              <Checkbox
                key={name}
                className={classes.realm}
                checked={isChosen(name)}
                onChange={() => toggle(name)}
                label={
                  <>
                    <Foreign>{name}</Foreign>{' '}
                    <Text span size="xs" c="dimmed">
                      {displayName !== undefined && displayName !== name && <Foreign>{displayName}</Foreign>}
                      {enabled === false && ' (disabled)'}
                    </Text>
                  </>
                }
              />
            ))}
            {shown.length === 0 && (
              <Text size="sm" c="dimmed">
                No realm of this name.
              </Text>
            )}
          </div>
        </>
      )}
    </Fieldset>
  );
}
