import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { duration, type KeepingSettings } from '../../../contract/retention.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Section, Waiting } from '../../design/page.tsx';

const FIELDS = [
  ['trash', 'Snapshots in the trash'],
  ['plans', 'Plans that were not applied'],
  ['jobs', 'Jobs that have ended'],
] as const;

/** How long the catalog keeps what nobody asked it to keep for good. */
export function Keeping() {
  const api = useApi();
  const { data, error } = useQuery(api.engine.catalog.settings.queryOptions());
  return (
    <Section title="How long things stay">
      <ErrorNotice error={error} />
      {!data && !error && <Waiting lines={2} />}
      {data && <Fields key={JSON.stringify(data)} kept={data} />}
    </Section>
  );
}

function Fields({ kept }: { kept: KeepingSettings }) {
  const api = useApi();
  const refresh = useRefresh();
  const [settings, setSettings] = useState(kept);
  const save = useMutation(api.engine.catalog.changeSettings.mutationOptions({ onSuccess: refresh }));
  const wrong = FIELDS.filter(([name]) => !duration.safeParse(settings[name]).success);
  const changed = FIELDS.some(([name]) => settings[name] !== kept[name]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(settings);
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          What is older is deleted when retention runs. A job that can be undone stays as long as there is the
          snapshot to do it with.
        </Text>
        <Group align="flex-start" grow>
          {FIELDS.map(([name, label]) => (
            <TextInput
              key={name}
              label={label}
              description="90d, 12h, 2w, 1y6m"
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              value={settings[name]}
              error={wrong.some(([one]) => one === name) && 'A length of time such as 90d, 12h or 1y6m.'}
              onChange={({ currentTarget: { value } }) => setSettings({ ...settings, [name]: value.trim() })}
            />
          ))}
        </Group>
        <ErrorNotice error={save.error} />
        <Group>
          <Button type="submit" disabled={!changed || wrong.length > 0} loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
