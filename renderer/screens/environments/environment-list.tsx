import { Anchor, Badge, Button, Group, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { EnvironmentView } from '../../../contract/environment.ts';
import { useApi } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Page, Section, Waiting } from '../../design/page.tsx';
import { StageBadge } from '../../design/stage-badge.tsx';
import { useBackUp } from '../../features/backup/backup-context.tsx';
import { useProbe } from '../../features/environment/health.ts';
import { Health } from '../../features/environment/health-text.tsx';
import classes from './environments.module.css';
import { limitsText } from './facts.ts';

export function EnvironmentList() {
  const api = useApi();
  const { data, error } = useQuery(api.engine.environments.list.queryOptions());
  const add = (
    <Button component={Link} href="/environments/_new" leftSection={<IconPlus size={18} aria-hidden />}>
      Add an environment
    </Button>
  );
  return (
    <Page
      title="Environments"
      lead="The OpenGate installations that Drawbridge knows. Addresses, secrets and passwords are kept in the catalog, encrypted."
      actions={data && data.length > 0 && add}
    >
      <ErrorNotice error={error} />
      {!data && !error && (
        <Section title="Known environments">
          <Waiting lines={5} />
        </Section>
      )}
      {data?.length === 0 && (
        <Empty title="No environment yet" actions={add}>
          An environment is an OpenGate installation and what it is for: development, staging or production.
          Give its Admin API, its databases, or both: over the API everything can be read that it tells; over
          the databases also password hashes and client secrets, and much faster. Adding one tests it, and
          only reads.
        </Empty>
      )}
      {data && data.length > 0 && (
        <Section title="Known environments">
          <ul className={classes.list}>
            {data.map((environment) => (
              <Row key={environment.name} environment={environment} />
            ))}
          </ul>
        </Section>
      )}
    </Page>
  );
}

function Row({ environment }: { environment: EnvironmentView }) {
  const { name, stage, api, postgres } = environment;
  const backUp = useBackUp();
  const probe = useProbe(environment);
  return (
    <li aria-label={name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div className={classes.body}>
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
          <dl className={classes.channels}>
            {api && (
              <>
                <dt>Admin API</dt>
                <dd>
                  <Foreign>{api.apiUrl}</Foreign>
                  <Text span size="xs" c="dimmed">
                    {' '}
                    {limitsText(api.limitsInForce)}
                  </Text>
                </dd>
              </>
            )}
            {postgres && (
              <>
                <dt>PostgreSQL</dt>
                <dd>
                  <Foreign>{postgres.url}</Foreign>
                </dd>
              </>
            )}
          </dl>
          <Text size="xs" c="dimmed" component="div">
            <Health environment={environment} probe={probe.data} probedAt={probe.dataUpdatedAt} />
          </Text>
          <ErrorNotice error={probe.error} />
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
            component={Link}
            href={`/environments/${name}/edit`}
            size="xs"
            variant="subtle"
            aria-label={`Edit ${name}`}
          >
            Edit
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
    </li>
  );
}
