import { Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Section, Waiting } from '../../design/page.tsx';

/** Whether the desktop program asks for newer versions: not unless somebody wants it to. */
export function Updates() {
  const api = useApi();
  const queries = useQueryClient();
  const about = useQuery(api.about.queryOptions());
  const preferences = useQuery(api.preferences.get.queryOptions());
  const change = useMutation(
    api.preferences.change.mutationOptions({
      onSuccess: (view) => queries.setQueryData(api.preferences.get.queryKey(), view),
    }),
  );
  const error = about.error ?? preferences.error;
  if (error) return <ErrorNotice error={error} />;
  if (!about.data || !preferences.data) return <Waiting />;
  return (
    <Section title="Updates">
      <Stack gap="sm">
        <Text size="sm">This is Drawbridge {about.data.version}.</Text>
        {about.data.host === 'desktop' ? (
          <>
            <Switch
              label="Ask once a day whether there is a newer version"
              description="Off unless you turn it on. Nothing is sent but the question, and nothing is installed by itself."
              checked={preferences.data.updateCheck}
              onChange={({ currentTarget }) => change.mutate({ updateCheck: currentTarget.checked })}
            />
            <ErrorNotice error={change.error} />
          </>
        ) : (
          <Text size="sm" c="dimmed">
            In the browser mode Drawbridge asks nobody for newer versions. It is renewed as it was installed:
            with its package, or in its checkout.
          </Text>
        )}
      </Stack>
    </Section>
  );
}
