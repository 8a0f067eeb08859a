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
  const host = useHost();
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
          {host.kind === 'loopback' && data.notifications && <Permission />}
        </Stack>
      </Section>
      <ErrorNotice error={change.error} />
    </Stack>
  );
}

const MAY_SHOW: Readonly<Record<NotificationPermission, string>> = {
  default: 'This browser has not been allowed to show any yet.',
  denied: 'This browser was told not to show any: allow them for this page in its settings.',
  granted: 'This browser may show them. Its settings for this page take that back.',
};

/** A browser shows nothing before somebody has allowed it to; and only the page that is open can tell anything. */
function Permission() {
  const known = 'Notification' in window;
  const [permission, setPermission] = useState(known ? Notification.permission : 'denied');
  const ask = useMutation({
    mutationFn: () => Notification.requestPermission(),
    onSuccess: setPermission,
  });
  return (
    <>
      <Text size="sm">
        In a browser, a migration that is looked at tells of its end while another window is in front. Other
        jobs do so in the desktop program only.
      </Text>
      <Group gap="sm">
        <Text size="sm" c="dimmed">
          {known ? MAY_SHOW[permission] : 'This browser shows none.'}
        </Text>
        {permission === 'default' && (
          <Button size="compact-sm" variant="default" onClick={() => ask.mutate()}>
            Allow them
          </Button>
        )}
      </Group>
      <ErrorNotice error={ask.error} />
    </>
  );
}
