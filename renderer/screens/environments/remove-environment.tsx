import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { counted } from '../../design/moments.ts';

/** Asks before an environment is forgotten: what goes with it, and what stays. */
export function RemoveEnvironment({
  name,
  opened,
  onClose,
}: {
  name: string;
  opened: boolean;
  onClose: () => void;
}) {
  const api = useApi();
  const refresh = useRefresh();
  const [, navigate] = useLocation();
  const snapshots = useQuery({
    ...api.engine.snapshots.list.queryOptions({ input: { environment: name } }),
    enabled: opened,
  });
  const schedules = useQuery({ ...api.engine.schedules.list.queryOptions(), enabled: opened });
  const remove = useMutation(
    api.engine.environments.remove.mutationOptions({
      async onSuccess() {
        navigate('/environments');
        await refresh();
      },
    }),
  );
  const close = (): void => {
    remove.reset();
    onClose();
  };
  const orphans = schedules.data?.filter(({ environment }) => environment === name) ?? [];
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={`Remove ${name}?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="md">
        <List size="sm" spacing="xs">
          <List.Item>
            <strong>Forgotten:</strong> its addresses, its secrets and its passwords.
          </List.Item>
          <List.Item>
            <strong>Stays:</strong>{' '}
            {snapshots.data ? counted(snapshots.data.length, 'snapshot') : 'its snapshots'} in the catalog,
            and the installation itself, which is not touched.
          </List.Item>
          {orphans.length > 0 && (
            <List.Item>
              <strong>Will fail from now on:</strong>{' '}
              {orphans.length === 1 ? 'the schedule' : 'the schedules'}{' '}
              {new Intl.ListFormat('en').format(orphans.map((schedule) => schedule.name))}, until removed or
              an environment of this name is added again.
            </List.Item>
          )}
        </List>
        <Text size="sm" c="dimmed">
          To undo it, add the environment again; its secrets have to be typed then.
        </Text>
        <ErrorNotice error={remove.error ?? snapshots.error ?? schedules.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={close}>
            Cancel
          </Button>
          <Button color="brick" loading={remove.isPending} onClick={() => remove.mutate({ name })}>
            Remove it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
