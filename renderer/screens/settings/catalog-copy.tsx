import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useHost } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { JobLine } from '../../features/jobs/job-line.tsx';
import { bytes, counted } from '../../design/moments.ts';
import { Section } from '../../design/page.tsx';
import { PathField } from '../../design/path-field.tsx';

/** A copy of the whole catalog in one file, made while everything goes on. */
export function CatalogCopy() {
  const api = useApi();
  const host = useHost();
  const [path, setPath] = useState('');
  const start = useMutation(api.engine.jobs.start.mutationOptions());
  return (
    <Section title="A copy of the whole catalog">
      <Stack gap="sm">
        <Text size="sm">
          One file with everything, as it is at one moment, encrypted as the catalog is and opened by the same
          keys. Every byte of it is proved before it gets its name. Keep it on another disk.
        </Text>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            start.mutate({ kind: 'catalog-backup', path: path.trim() });
          }}
        >
          <Group align="flex-end" wrap="nowrap">
            <PathField
              label="File or folder"
              description="whole path; in a folder the file is named after the time; a file that is there is never replaced"
              value={path}
              choose={() => host.choosePlace('drawbridge-catalog.db')}
              onChange={setPath}
            />
            <Button type="submit" loading={start.isPending} disabled={path.trim() === ''}>
              Copy the catalog
            </Button>
          </Group>
        </form>
        <ErrorNotice error={start.error} />
        {start.data && (
          <JobLine id={start.data.id}>
            {({ result }) =>
              result?.kind === 'catalog-backup' && (
                <Text size="sm">
                  <Foreign whole>{result.path}</Foreign> has {bytes(result.bytes)}:{' '}
                  {counted(result.snapshots, 'snapshot')}, proved.
                </Text>
              )
            }
          </JobLine>
        )}
      </Stack>
    </Section>
  );
}
