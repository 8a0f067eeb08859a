import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconDatabaseExport, IconLockOpen, IconPencil, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { EnvironmentView } from '../../../contract/environment.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { Page, Section, Waiting } from '../../design/page.tsx';
import { StageBadge } from '../../design/stage-badge.tsx';
import { useBackUp } from '../../features/backup/backup-context.tsx';
import { serverOf, useProbe } from '../../features/environment/health.ts';
import classes from './environments.module.css';
import { apiFacts, postgresFacts, type Fact } from './facts.ts';
import { NoSuchEnvironment } from './no-such-environment.tsx';
import { ProbeSteps } from './probe-steps.tsx';
import { RealmTable } from './realm-table.tsx';
import { RemoveEnvironment } from './remove-environment.tsx';
import { RightsAdvice } from './rights/rights-advice.tsx';

export function EnvironmentDetail({ name }: { name: string }) {
  const api = useApi();
  const { data, error } = useQuery(api.engine.environments.list.queryOptions());
  const environment = data?.find((one) => one.name === name);
  if (environment) return <Known environment={environment} />;
  if (data) return <NoSuchEnvironment name={name} />;
  return <Page title={name}>{error ? <ErrorNotice error={error} /> : <Waiting lines={6} />}</Page>;
}

function Known({ environment }: { environment: EnvironmentView }) {
  const { name, stage, api, postgres, lastSeen } = environment;
  const backUp = useBackUp();
  const [removing, setRemoving] = useState(false);
  return (
    <Page
      title={name}
      lead={<StageBadge stage={stage} />}
      actions={
        <>
          <Button
            leftSection={<IconDatabaseExport size={18} aria-hidden />}
            onClick={() => backUp({ environment: name })}
          >
            Back up…
          </Button>
          <Button
            component={Link}
            href={`/environments/${name}/edit`}
            variant="default"
            leftSection={<IconPencil size={18} aria-hidden />}
          >
            Edit
          </Button>
          <Button
            variant="default"
            leftSection={<IconTrash size={18} aria-hidden />}
            onClick={() => setRemoving(true)}
          >
            Remove…
          </Button>
        </>
      }
    >
      {api?.insecureTls && (
        <Alert
          color="brick"
          variant="filled"
          icon={<IconLockOpen aria-hidden />}
          title="The certificate of its Admin API is not checked"
        >
          Anybody on the way can read and change what is sent, the client’s secret included. Give its
          certificate authority under Edit, and switch the check on again.
        </Alert>
      )}
      <Section title="Realms">
        <RealmTable environment={name} />
      </Section>
      <Test environment={environment} />
      <Section title="Connection">
        <dl className={classes.facts}>
          {[...(api ? apiFacts(api, lastSeen?.token) : []), ...(postgres ? postgresFacts(postgres) : [])].map(
            (fact) => (
              <FactLine key={`${fact.name}${fact.text}`} {...fact} />
            ),
          )}
        </dl>
      </Section>
      {postgres && <RightsAdvice postgres={postgres} />}
      <RemoveEnvironment name={name} opened={removing} onClose={() => setRemoving(false)} />
    </Page>
  );
}

function FactLine({ name, text, part = false }: Fact) {
  return (
    <>
      <dt data-part={part || undefined}>{name}</dt>
      <dd>
        <Foreign>{text}</Foreign>
      </dd>
    </>
  );
}

function Test({ environment }: { environment: EnvironmentView }) {
  const { lastSeen } = environment;
  const probe = useProbe(environment);
  const server = serverOf(environment);
  return (
    <Section
      title="Test"
      actions={
        <Button size="xs" variant="default" loading={probe.isFetching} onClick={() => void probe.refetch()}>
          {probe.data ? 'Test again' : 'Test now'}
        </Button>
      }
    >
      <Stack gap="sm">
        <ErrorNotice error={probe.error} />
        {probe.isFetching ? (
          <Waiting lines={5} />
        ) : probe.data ? (
          <ProbeSteps probe={probe.data} />
        ) : (
          <Group gap={4}>
            <Text size="sm" c="dimmed" component="div">
              {lastSeen ? (
                <>
                  It last answered <Moment at={lastSeen.at} />
                  {server !== undefined && (
                    <>
                      , as <Foreign>{server}</Foreign>
                    </>
                  )}
                  .
                </>
              ) : (
                'Nobody has connected to it at these addresses yet.'
              )}{' '}
              A test looks at everything that a backup or an import needs, and writes nothing.
            </Text>
          </Group>
        )}
      </Stack>
    </Section>
  );
}
