import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { FailedRun } from '../../../contract/schedule.ts';
import { useApi, useRefresh } from '../../client/use-client.tsx';
import { andMore } from '../../design/and-more.ts';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Moment } from '../../design/moment.tsx';
import { counted } from '../../design/moments.ts';
import { Told } from '../../design/told.tsx';
import { RUN_LOOKS } from './schedule-texts.ts';

/** How many are told one by one. */
const SHOWN = 5;

/** When the last of them began: of what has failed since nobody was told yet. */
function latestOf(failed: readonly FailedRun[]): string {
  return failed.reduce((latest, { run }) => (run.startedAt > latest ? run.startedAt : latest), '');
}

/** Runs that failed and that nobody has said to know of. Nothing where there are none. */
export function FailedRuns({ of }: { of?: string }) {
  const api = useApi();
  const refresh = useRefresh();
  const { data, error } = useQuery(api.engine.schedules.failures.queryOptions({ refetchInterval: 30_000 }));
  const acknowledge = useMutation(api.engine.schedules.acknowledge.mutationOptions({ onSuccess: refresh }));
  const failed = data?.filter(({ schedule }) => of === undefined || schedule === of) ?? [];
  if (error) return <ErrorNotice error={error} />;
  if (failed.length === 0) return null;
  return (
    <section aria-label="Failed runs">
      <Alert
        color="brick"
        variant="light"
        icon={<IconAlertTriangle aria-hidden />}
        title={`${counted(failed.length, 'run')} did not end well`}
        role="presentation"
      >
        <Stack gap={6}>
          {failed.slice(0, SHOWN).map(({ schedule, run }) => (
            <Text size="sm" key={`${schedule} ${run.number}`} component="div">
              <strong>{schedule}</strong>, <Moment at={run.startedAt} />: {RUN_LOOKS[run.state][0]}.{' '}
              {run.error && <Told>{run.error.message}</Told>}{' '}
              {run.error && (
                <Anchor href={`#/help/errors/${run.error.code}`} size="sm" c="inherit" underline="always">
                  {run.error.code}
                </Anchor>
              )}{' '}
              {run.jobs.at(-1) !== undefined && (
                <Anchor
                  component={Link}
                  href={`/jobs/${run.jobs.at(-1)}`}
                  size="sm"
                  c="inherit"
                  underline="always"
                  aria-label={`Show the job of ${schedule}, run ${run.number}`}
                >
                  Show the job
                </Anchor>
              )}
            </Text>
          ))}
          {failed.length > SHOWN && <Text size="sm">{andMore(failed.length, SHOWN)}, before these.</Text>}
          <ErrorNotice error={acknowledge.error} />
          <Group>
            <Button
              size="compact-sm"
              variant="default"
              loading={acknowledge.isPending}
              onClick={() =>
                acknowledge.mutate({ ...(of !== undefined && { name: of }), until: latestOf(failed) })
              }
            >
              I know of it
            </Button>
          </Group>
        </Stack>
      </Alert>
    </section>
  );
}
