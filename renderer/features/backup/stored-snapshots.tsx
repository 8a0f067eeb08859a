import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { andMore } from '../../design/and-more.ts';
import { Foreign } from '../../design/foreign.tsx';
import { contents, SECTION_NAMES } from '../../design/sections.ts';
import { Told } from '../../design/told.tsx';
import classes from './stored-snapshots.module.css';

/** Of its warnings, and of what it lacks. */
const TOLD = 3;

/** What a backup stored, a realm a line. */
export function StoredSnapshots({
  snapshots,
  onOpen,
}: {
  snapshots: readonly SnapshotView[];
  onOpen: () => void;
}) {
  if (snapshots.length === 0) return null;
  return (
    <ul className={classes.list} aria-label="Snapshots that were stored">
      {snapshots.map((snapshot) => (
        <li key={snapshot.id}>
          <Stack gap={0}>
            <Anchor component={Link} href={`/snapshots/${snapshot.id}`} size="sm" fw={600} onClick={onOpen}>
              <Foreign>{snapshot.realm}</Foreign>
            </Anchor>
            <Text size="xs" c="dimmed">
              {contents(snapshot.counts)}
              {snapshot.unchanged && ' · the same as the one before, stored once'}
            </Text>
            {!snapshot.complete && (
              <Text size="xs">
                Not a whole backup: <Told>{lacking(snapshot)}</Told>
              </Text>
            )}
            {snapshot.warnings.slice(0, TOLD).map((warning) => (
              <Text size="xs" key={warning}>
                <Told>{warning}</Told>
              </Text>
            ))}
            {snapshot.warnings.length > TOLD && (
              <Text size="xs" c="dimmed">
                {andMore(snapshot.warnings.length, TOLD)}, with the snapshot
              </Text>
            )}
          </Stack>
        </li>
      ))}
    </ul>
  );
}

function lacking({ inconsistent, missing }: SnapshotView): string {
  if (inconsistent !== undefined) return inconsistent;
  const parts = missing.map(
    ({ section, member, reason }) =>
      `${SECTION_NAMES[section].toLowerCase()}${member === undefined ? '' : ` (${member})`}: ${reason}`,
  );
  return [...parts.slice(0, TOLD), andMore(parts.length, TOLD)].filter((part) => part !== '').join('; ');
}
