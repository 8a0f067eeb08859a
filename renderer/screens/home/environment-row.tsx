import { Anchor, Badge, Button, Group, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { EnvironmentView } from '../../../contract/environment.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { counted } from '../../design/moments.ts';
import { Waiting } from '../../design/page.tsx';
import { contents } from '../../design/sections.ts';
import { StageBadge } from '../../design/stage-badge.tsx';
import { useBackUp } from '../../features/backup/backup-context.tsx';
import { channelsOf, useProbe } from '../../features/environment/health.ts';
import { Health } from '../../features/environment/health-text.tsx';
import classes from './home.module.css';
import type { LastBackup } from '../../features/backup/last-backups.ts';

/** How many realms of an environment are listed here. */
const MOST = 6;

export function EnvironmentRow({
  environment,
  backups,
}: {
  environment: EnvironmentView;
  /** Undefined: not known yet. */
  backups: readonly LastBackup[] | undefined;
}) {
  const { name, stage, api } = environment;
  const backUp = useBackUp();
  const probe = useProbe(environment);
  return (
    <li className={classes.environment} aria-label={name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Group gap="xs">
            <Anchor component={Link} href={`/environments/${name}`} fw={600} c="inherit">
              {name}
            </Anchor>
            <StageBadge stage={stage} />
            {api?.insecureTls && (
              <Badge color="brick" variant="outline" radius="xs" tt="none">
                certificate not checked
              </Badge>
            )}
          </Group>
          <Text size="xs" c="dimmed" mt={2}>
            {channelsOf(environment)} ·{' '}
            <Health environment={environment} probe={probe.data} probedAt={probe.dataUpdatedAt} />
          </Text>
        </div>
        <Group gap="xs" wrap="nowrap">
          <Button
            size="xs"
            variant="subtle"
            loading={probe.isFetching}
            aria-label={`Test ${name}`}
            onClick={() => void probe.refetch()}
          >
            Test
          </Button>
          <Button
            size="xs"
            variant="default"
            aria-label={`Back up ${name}`}
            onClick={() => backUp({ environment: name })}
          >
            Back up…
          </Button>
        </Group>
      </Group>
      <ErrorNotice error={probe.error} />
      {backups === undefined ? <Waiting lines={2} /> : <Backups name={name} backups={backups} />}
    </li>
  );
}

function SnapshotLink({ snapshot: { id, realm }, of }: { snapshot: SnapshotView; of: string }) {
  return (
    <Anchor
      component={Link}
      href={`/snapshots/${id}`}
      size="sm"
      aria-label={`${realm} of ${of}`.slice(0, 200)}
    >
      <Foreign>{realm}</Foreign>
    </Anchor>
  );
}

/** What a realm is recognised by. */
function mostTold({ users, roles, clients }: SnapshotView['counts']): SnapshotView['counts'] {
  return { users, roles, clients };
}

function Backups({ name, backups }: { name: string; backups: readonly LastBackup[] }) {
  if (backups.length === 0)
    return (
      <Text size="sm" mt="xs">
        Never backed up.
      </Text>
    );
  return (
    <>
      <table className={classes.realms}>
        <thead>
          <tr>
            <th scope="col">Realm</th>
            <th scope="col">Last backup</th>
            <th scope="col">Contents</th>
          </tr>
        </thead>
        <tbody>
          {backups.slice(0, MOST).map(({ realm, newest, part }) => (
            <tr key={realm}>
              <th scope="row">
                <SnapshotLink snapshot={newest} of={name} />
              </th>
              <td>
                <Moment at={newest.finishedAt} />
              </td>
              <td>
                {contents(mostTold(newest.counts))}
                {!newest.complete && <strong> · not a whole backup</strong>}
                {part && (
                  <Text span size="xs" c="dimmed">
                    {' '}
                    · of some sections <Moment at={part.finishedAt} />
                  </Text>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {backups.length > MOST && (
        <Anchor component={Link} href={`/snapshots?environment=${name}`} size="xs">
          and {counted(backups.length - MOST, 'more realm')}
        </Anchor>
      )}
    </>
  );
}
