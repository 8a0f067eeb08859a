import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { ReportFormat } from '../../../contract/report.ts';
import type { AppClient } from '../../client/connection.ts';
import type { WindowHost } from '../../client/host.ts';
import { saveBlob } from '../../client/save-blob.ts';
import { useClient, useHost } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';

const FORMATS: readonly { format: ReportFormat; name: string; ending: string; type: string }[] = [
  { format: 'html', name: 'HTML, for reading and printing', ending: 'html', type: 'text/html' },
  { format: 'json', name: 'JSON, with every record', ending: 'json', type: 'application/json' },
  { format: 'csv', name: 'CSV, for a spreadsheet', ending: 'csv', type: 'text/csv' },
  { format: 'junit', name: 'JUnit, for a pipeline', ending: 'xml', type: 'application/xml' },
];

/** The report of a job as a file. */
export function SaveReport({ job }: { job: string }) {
  const client = useClient();
  const host = useHost();
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>();
  const save = async (chosen: (typeof FORMATS)[number]): Promise<void> => {
    setSaving(true);
    setError(undefined);
    try {
      const { format, ending, type } = chosen;
      const saved = await saveAs(client, host, { job, format, type, name: `drawbridge-${job}.${ending}` });
      if (saved !== undefined)
        notifications.show({
          message: `The report was saved: ${saved}`,
          closeButtonProps: { 'aria-label': 'Close' },
        });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setSaving(false);
    }
  };
  return (
    <>
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Button
            variant="default"
            size="sm"
            loading={saving}
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            Save the report
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {FORMATS.map((chosen) => (
            <Menu.Item key={chosen.format} onClick={() => void save(chosen)}>
              {chosen.name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ErrorNotice error={error} />
    </>
  );
}

/** @returns where it is now; undefined: nobody chose a place */
async function saveAs(
  client: AppClient,
  host: WindowHost,
  { job, format, name, type }: { job: string; format: ReportFormat; name: string; type: string },
): Promise<string | undefined> {
  if (host.kind === 'desktop') {
    const path = await host.choosePlace(name);
    if (path === undefined) return undefined;
    // The system's own dialog has asked whether a file that is there is to be replaced.
    return (await client.engine.jobs.saveReport({ job, format, path, replace: true })).path;
  }
  saveBlob(name, await blobOf(await client.engine.jobs.reportText({ job, format }), type));
  return name;
}

/** So much of a report is text in the page before the browser takes it, which keeps large ones on the disk. Characters. */
const HELD = 4_000_000;

async function blobOf(pieces: AsyncIterable<string>, type: string): Promise<Blob> {
  let taken = new Blob([], { type });
  let held = '';
  for await (const piece of pieces) {
    held += piece;
    if (held.length < HELD) continue;
    taken = new Blob([taken, held], { type });
    held = '';
  }
  return new Blob([taken, held], { type });
}
