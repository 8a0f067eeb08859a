import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ErrorCode } from '../../../contract/errors.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Section } from '../../design/page.tsx';
import { useWorkspace } from '../../shell/workspace-context.ts';
import { EntryFrame } from './entry-frame.tsx';
import { OtherFolder } from './other-folder.tsx';
import { RepairCatalog } from './repair-catalog.tsx';

/** What helps, where that is more than trying again. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  CATALOG_LOCKED: 'Another program holds the catalog. Wait for it, or end it, and try again.',
  CATALOG_NEWER:
    'A newer Drawbridge has worked with this catalog. Use that one, here as well; this one leaves the catalog as it is.',
  FILE_FAILED: 'When the folder and its files can be read and written by you, try again.',
  DISK_FULL: 'Make room on the disk and try again. What was stored is not lost.',
};

/** In place of the command line's advice. */
const DAMAGED = 'Check the disk. Then repair the catalog as below, or put back the last good copy of it.';

/** There is a catalog, and it cannot be opened: why, and what can be done. */
export function CatalogFailed() {
  const api = useApi();
  const { dir, error } = useWorkspace();
  // Chosen again, it is looked into again.
  const again = useMutation(api.workspace.choose.mutationOptions());
  const advice = error && ADVICE[error.code];
  const isDamaged = error?.code === 'CATALOG_DAMAGED';
  return (
    <EntryFrame title="Your catalog cannot be opened" lead={<Foreign whole>{dir}</Foreign>}>
      <ErrorNotice error={isDamaged ? { ...error, remedy: DAMAGED } : error} />
      {advice && <Text size="sm">{advice}</Text>}
      <ErrorNotice error={again.error} />
      <Group>
        <Button variant="default" loading={again.isPending} onClick={() => again.mutate({ dir })}>
          Try again
        </Button>
      </Group>
      {isDamaged && (
        <Section title="Repair it">
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              A repair reads what is whole in the damaged catalog, proves it, and puts it into a new catalog
              in another folder, which opens with the same keys. The damaged one is not touched, so nothing
              can become worse.
            </Text>
            <RepairCatalog dir={dir} />
          </Stack>
        </Section>
      )}
      <OtherFolder />
    </EntryFrame>
  );
}
