import { Alert, Button, Stack, Table, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { JobView } from '../../../contract/job.ts';
import { useApi } from '../../client/use-client.tsx';
import { CopyText } from '../../design/copy-text.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { counted } from '../../design/moments.ts';

/** Which new id stands for which client, and the new secrets: on request, until somebody says to have kept them. */
export function IssuedSecrets({ job: { id, issued = [], secretsKept = 0 } }: { job: JobView }) {
  const api = useApi();
  // Kept by nothing but this component: it is gone with it.
  const secrets = useMutation({ ...api.engine.jobs.secrets.mutationOptions(), gcTime: 0 });
  const forget = useMutation({
    ...api.engine.jobs.forgetSecrets.mutationOptions(),
    onSuccess: () => secrets.reset(),
  });
  if (issued.length === 0) return null;
  const shown = new Map(secrets.data?.secrets.map((of) => [of.issued, of.secret]));
  return (
    <Stack gap="sm">
      <Text size="sm">
        The server gave {counted(issued.length, 'client a new id', 'clients new ids')}. Whoever uses them must
        be told.
      </Text>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">In the source</Table.Th>
            <Table.Th scope="col">On the target</Table.Th>
            {secrets.data && <Table.Th scope="col">New secret</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {issued.map((of) => (
            <Table.Tr key={of.issued}>
              <Table.Td>
                <Foreign>{of.key}</Foreign>
              </Table.Td>
              <Table.Td>
                <Foreign>{of.issued}</Foreign>
              </Table.Td>
              {secrets.data && <Table.Td>{secretCell(of.key, shown.get(of.issued))}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <ErrorNotice error={secrets.error ?? forget.error} />
      {forget.data ? (
        <Alert color="moat" icon={<IconKey aria-hidden />} role="status">
          Drawbridge has forgotten these secrets. A lost one can only be replaced, on the server.
        </Alert>
      ) : secrets.data ? (
        <Alert color="amber" icon={<IconKey aria-hidden />} role="status">
          <Stack gap="xs" align="flex-start">
            <Text size="sm">
              Keep them where the applications find them, then have Drawbridge forget them: afterwards a lost
              one can only be replaced, on the server.
            </Text>
            <Button variant="default" loading={forget.isPending} onClick={() => forget.mutate({ job: id })}>
              I have kept them: forget them here
            </Button>
          </Stack>
        </Alert>
      ) : (
        secretsKept > 0 && (
          <Button
            variant="default"
            w="fit-content"
            leftSection={<IconKey size={16} aria-hidden />}
            loading={secrets.isPending}
            onClick={() => secrets.mutate({ job: id })}
          >
            Show {counted(secretsKept, 'new secret')}
          </Button>
        )
      )}
    </Stack>
  );
}

function secretCell(client: string, secret: string | undefined) {
  if (secret === undefined) return '–';
  return (
    <>
      <Text component="span" size="sm" ff="monospace" mr="xs">
        <Foreign whole>{secret}</Foreign>
      </Text>
      <CopyText
        text={secret}
        label="Copy"
        of={`the new secret of ${client.slice(0, 200)}`}
        size="compact-xs"
      />
    </>
  );
}
