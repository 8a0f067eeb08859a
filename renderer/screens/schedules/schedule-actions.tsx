import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { ScheduleView } from '../../../contract/schedule.ts';
import { useApi, useClient, useRefresh } from '../../client/use-client.tsx';
import { Confirm } from '../../design/confirm.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';

/** What can be done with one schedule, and what came of it where it failed. */
export function ScheduleActions({ schedule, onRemoved }: { schedule: ScheduleView; onRemoved?: () => void }) {
  const { name, paused, runs } = schedule;
  const api = useApi();
  const client = useClient();
  const refresh = useRefresh();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const pause = useMutation(api.engine.schedules.pause.mutationOptions({ onSuccess: refresh }));
  const remove = useMutation(
    api.engine.schedules.remove.mutationOptions({
      async onSuccess() {
        setAsking(false);
        onRemoved?.();
        await refresh();
      },
    }),
  );
  // Goes on when another screen is looked at: the run belongs to the window, not to what it shows.
  const run = useMutation({
    mutationFn: async () => {
      const events = await client.engine.schedules.run({ what: 'one', name });
      // Of what it has stored, all screens are told at its end.
      for await (const _ of events) await queries.invalidateQueries({ queryKey: api.engine.schedules.key() });
    },
    onSettled: refresh,
  });
  const running = runs[0]?.state === 'running';
  return (
    <Stack gap={4} align="flex-end">
      <Group gap="xs" wrap="nowrap">
        <Button
          size="compact-sm"
          variant="default"
          disabled={running}
          loading={run.isPending && !running}
          aria-label={`Run now: ${name}`}
          onClick={() => run.mutate()}
        >
          Run now
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          loading={pause.isPending}
          aria-label={paused ? `Resume ${name}` : `Pause ${name}`}
          onClick={() => pause.mutate({ name, paused: !paused })}
        >
          {paused ? 'Resume' : 'Pause'}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          component={Link}
          href={`/schedules/named/${name}/edit`}
          aria-label={`Edit ${name}`}
        >
          Edit
        </Button>
        <Button
          size="compact-sm"
          variant="subtle"
          color="brick"
          aria-label={`Remove ${name}`}
          onClick={() => {
            remove.reset();
            setAsking(true);
          }}
        >
          Remove
        </Button>
      </Group>
      <ErrorNotice error={run.error ?? pause.error} />
      <Confirm
        opened={asking}
        title={`Remove the schedule ${name}?`}
        action="Remove the schedule"
        pending={remove.isPending}
        error={remove.error}
        onClose={() => setAsking(false)}
        onConfirm={() => remove.mutate({ name })}
      >
        <Text size="sm">
          <Foreign>{schedule.environment}</Foreign> is no longer backed up by it
          {runs.length > 0 && ', and the record of its runs is forgotten'}. The snapshots that it took stay.
        </Text>
      </Confirm>
    </Stack>
  );
}
