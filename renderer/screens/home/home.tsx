import { Button } from '@mantine/core';
import { IconArrowsLeftRight, IconDatabaseExport, IconRoute } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useApi } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Page, Section, Waiting } from '../../design/page.tsx';
import { useBackUp } from '../../features/backup/backup-context.tsx';
import { Attention, AttentionErrors } from './attention.tsx';
import { EnvironmentRow } from './environment-row.tsx';
import classes from './home.module.css';
import { lastBackups } from '../../features/backup/last-backups.ts';
import { PracticeCard } from './practice-card.tsx';
import { RunningJobs } from './running-jobs.tsx';

export default function Home() {
  const api = useApi();
  const backUp = useBackUp();
  const environments = useQuery(api.engine.environments.list.queryOptions());
  const snapshots = useQuery(api.engine.snapshots.list.queryOptions({ input: {} }));
  const list = environments.data;
  const backups = snapshots.data && lastBackups(snapshots.data);
  return (
    <Page
      title="Home"
      actions={
        <>
          <Button
            leftSection={<IconDatabaseExport size={18} aria-hidden />}
            disabled={list?.length === 0}
            onClick={() => backUp()}
          >
            Back up…
          </Button>
          <Button
            component={Link}
            href="/migrate"
            variant="default"
            leftSection={<IconRoute size={18} aria-hidden />}
          >
            Migrate
          </Button>
          <Button
            component={Link}
            href="/compare"
            variant="default"
            leftSection={<IconArrowsLeftRight size={18} aria-hidden />}
          >
            Compare
          </Button>
        </>
      }
    >
      <RunningJobs />
      <Attention environments={list ?? []} backups={backups} />
      <AttentionErrors />
      <ErrorNotice error={environments.error ?? snapshots.error} />
      {!list && !environments.error && (
        <Section title="Environments">
          <Waiting lines={5} />
        </Section>
      )}
      {list?.length === 0 && (
        <Empty
          title="No environment yet"
          actions={
            <Button component={Link} href="/environments/_new">
              Add an environment
            </Button>
          }
        >
          An environment is an OpenGate installation: its Admin API, its databases, or both. Once it is added,
          its realms are backed up from here, and this page says when that was done last. To see all of it
          without a server of your own, start the sandbox below.
        </Empty>
      )}
      {list && list.length > 0 && (
        <Section
          title="Environments"
          actions={
            <Button component={Link} href="/environments/_new" size="compact-sm" variant="subtle">
              Add an environment
            </Button>
          }
        >
          <ul className={classes.environments}>
            {list.map((environment) => (
              <EnvironmentRow
                key={environment.name}
                environment={environment}
                backups={backups?.get(environment.name) ?? (backups ? [] : undefined)}
              />
            ))}
          </ul>
        </Section>
      )}
      <PracticeCard />
    </Page>
  );
}
