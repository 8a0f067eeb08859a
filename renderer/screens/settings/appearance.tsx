import { Button, Group, SegmentedControl, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useHost } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Section, Waiting } from '../../design/page.tsx';

/** How the windows look, and when they make themselves heard. */
export function Appearance() {
  const api = useApi();
  const queries = useQueryClient();
  const { data, error } = useQuery(api.preferences.get.queryOptions());
  const change = useMutation(
    api.preferences.change.mutationOptions({
      onSuccess: (view) => queries.setQueryData(api.preferences.get.queryKey(), view),
    }),
  );
  if (error) return <ErrorNotice error={error} />;
  if (!data) return <Waiting />;
  return (
    <Stack gap="lg">
      <Section title="Theme">
        <Stack gap="xs" align="flex-start">
          <SegmentedControl
            aria-label="Theme"
            value={data.theme}
            onChange={(theme) => change.mutate({ theme })}
            data={[
              { value: 'system', label: 'As the system' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
          <Text size="sm" c="dimmed">
            Kept for all windows of this user. Sizes follow the zoom of the window: Ctrl and + or −.
          </Text>
        </Stack>
      </Section>
      <Section title="Notifications">
        <Stack gap="sm">
          <Switch
            label="Tell when a job ends while the window is not looked at"
            checked={data.notifications}
            onChange={({ currentTarget }) => change.mutate({ notifications: currentTarget.checked })}
          />
          {data.notifications && <Permission />}
        </Stack>
      </Section>
      <ErrorNotice error={change.error} />
    </Stack>
  );
}

/** A browser shows nothing before somebody has allowed it to. */
function Permission() {
  const host = useHost();
  const known = host.kind === 'loopback' && 'Notification' in window;
  const [permission, setPermission] = useState(known ? Notification.permission : 'granted');
  if (permission === 'granted') return null;
  return (
    <Group gap="sm">
      <Text size="sm" c="dimmed">
        {permission === 'denied'
          ? 'This browser was told not to show any: allow them for this page in its settings.'
          : 'This browser has not been allowed to show them yet.'}
      </Text>
      {permission === 'default' && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => void Notification.requestPermission().then(setPermission)}
        >
          Allow them
        </Button>
      )}
    </Group>
  );
}
