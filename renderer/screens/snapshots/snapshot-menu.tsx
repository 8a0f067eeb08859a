import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowsLeftRight,
  IconDots,
  IconFileExport,
  IconListSearch,
  IconMasksTheater,
  IconRestore,
  IconShieldCheck,
  IconTag,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { ExportDialog } from './export-dialog.tsx';
import { PseudonymizeDialog } from './pseudonymize-dialog.tsx';
import { TagsDialog } from './tags-dialog.tsx';
import { useDelete } from './use-delete.tsx';
import { VerifyDialog } from './verify.tsx';

type Dialog = 'tags' | 'export' | 'pseudonymize' | 'verify';

/** All that can be done with one snapshot. */
export function SnapshotMenu({
  snapshot,
  label,
  opened: isOpenAlready = false,
  onDeleted,
}: {
  snapshot: SnapshotView;
  label: string;
  /** It stands on the snapshot's own screen. */
  opened?: boolean;
  onDeleted?: () => void;
}) {
  const [dialog, setDialog] = useState<Dialog>();
  const remove = useDelete(onDeleted);
  const close = (): void => setDialog(undefined);
  const { id } = snapshot;
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant={isOpenAlready ? 'default' : 'subtle'}
            color="slate"
            size={isOpenAlready ? 'input-sm' : 'md'}
            aria-label={label}
          >
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {!isOpenAlready && (
            <>
              <Menu.Item
                component={Link}
                href={`/snapshots/${id}`}
                leftSection={<IconListSearch size={16} aria-hidden />}
              >
                Look into it
              </Menu.Item>
              <Menu.Item
                component={Link}
                href={`/migrate?source=${id}`}
                leftSection={<IconRestore size={16} aria-hidden />}
              >
                Restore or migrate …
              </Menu.Item>
              <Menu.Item
                component={Link}
                href={`/compare?left=${id}`}
                leftSection={<IconArrowsLeftRight size={16} aria-hidden />}
              >
                Compare with …
              </Menu.Item>
              <Menu.Divider />
            </>
          )}
          <Menu.Item leftSection={<IconTag size={16} aria-hidden />} onClick={() => setDialog('tags')}>
            Tags …
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFileExport size={16} aria-hidden />}
            onClick={() => setDialog('export')}
          >
            Export …
          </Menu.Item>
          <Menu.Item
            leftSection={<IconMasksTheater size={16} aria-hidden />}
            onClick={() => setDialog('pseudonymize')}
          >
            Make a pseudonymised copy …
          </Menu.Item>
          <Menu.Item
            leftSection={<IconShieldCheck size={16} aria-hidden />}
            onClick={() => setDialog('verify')}
          >
            Verify
          </Menu.Item>
          {snapshot.trashedAt === undefined && (
            <>
              <Menu.Divider />
              <Menu.Item
                color="brick"
                leftSection={<IconTrash size={16} aria-hidden />}
                onClick={() => remove(snapshot)}
              >
                Move to the trash
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'tags' && <TagsDialog snapshot={snapshot} onClose={close} />}
      {dialog === 'export' && <ExportDialog snapshot={snapshot} onClose={close} />}
      {dialog === 'pseudonymize' && <PseudonymizeDialog snapshot={snapshot} onClose={close} />}
      {dialog === 'verify' && <VerifyDialog snapshot={snapshot} onClose={close} />}
    </>
  );
}
