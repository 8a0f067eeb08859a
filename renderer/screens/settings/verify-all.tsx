import { Button, Group, List, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useApi } from '../../client/use-client.tsx';
import { andMore } from '../../design/and-more.ts';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { JobLine } from '../../features/jobs/job-line.tsx';
import { bytes, counted } from '../../design/moments.ts';
import { Section } from '../../design/page.tsx';
import { Told } from '../../design/told.tsx';

/** All are with the job. */
const LISTED = 50;

/** Proves everything that the catalog keeps. */
export function VerifyAll() {
  const api = useApi();
  const start = useMutation(api.engine.jobs.start.mutationOptions());
  return (
    <Section title="Is everything whole?">
      <Stack gap="sm">
        <Text size="sm">
          Reads every byte of every snapshot, and every sealed entry of everything else, and tells each damage
          that it finds. Other work goes on meanwhile.
        </Text>
        <Group>
          <Button
            variant="default"
            loading={start.isPending}
            onClick={() => start.mutate({ kind: 'verify' })}
          >
            Verify everything
          </Button>
        </Group>
        <ErrorNotice error={start.error} />
        {start.data && (
          <JobLine id={start.data.id}>
            {({ result }) =>
              result?.kind === 'verify' && (
                <>
                  <Text size="sm">
                    {result.report.damaged.length === 0
                      ? 'Everything is whole: '
                      : `${counted(result.report.damaged.length, 'damage', 'damages')} found. Looked at: `}
                    {counted(result.report.snapshots, 'snapshot')}, {bytes(result.report.bytes)} in{' '}
                    {counted(result.report.chunks, 'chunk')}.
                  </Text>
                  <List size="sm">
                    {result.report.damaged.slice(0, LISTED).map(({ text }) => (
                      <List.Item key={text}>
                        <Told>{text}</Told>
                      </List.Item>
                    ))}
                    {result.report.damaged.length > LISTED && (
                      <List.Item>{andMore(result.report.damaged.length, LISTED)}</List.Item>
                    )}
                  </List>
                </>
              )
            }
          </JobLine>
        )}
      </Stack>
    </Section>
  );
}
