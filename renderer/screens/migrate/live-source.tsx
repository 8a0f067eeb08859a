import { Button, Select, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { visible } from '../../../contract/visible.ts';
import { useApi } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Waiting } from '../../design/page.tsx';
import { StageBadge } from '../../design/stage-badge.tsx';
import { ChoiceCards } from './choice-cards.tsx';
import type { ChosenSource } from './draft.ts';
import { environmentText } from './environment-text.ts';

/** A realm of an environment, read when it is needed. */
export function LiveSource({
  source,
  onChoose,
}: {
  source: ChosenSource | undefined;
  onChoose: (source: ChosenSource | undefined) => void;
}) {
  const api = useApi();
  const { data: environments, error } = useQuery(api.engine.environments.list.queryOptions());
  const live = source?.kind === 'live' ? source : undefined;
  const [environment, setEnvironment] = useState(live?.environment);
  // One arrow key chooses another environment, and the next the first again: with the realm that was chosen there.
  const [realms, setRealms] = useState<ReadonlyMap<string, string>>(new Map());
  if (!environments) return error ? <ErrorNotice error={error} /> : <Waiting />;
  if (environments.length === 0) return <NoEnvironment />;
  return (
    <Stack gap="md">
      <ChoiceCards
        label="Environment to read from"
        columns={2}
        value={environment}
        onChange={(name) => {
          setEnvironment(name);
          if (live?.environment === name) return;
          if (live) setRealms(new Map([...realms, [live.environment, live.realm]]));
          const realm = realms.get(name);
          onChoose(realm === undefined ? undefined : { kind: 'live', environment: name, realm });
        }}
        choices={environments.map((one) => ({
          value: one.name,
          title: <Foreign>{one.name}</Foreign>,
          text: <Foreign>{environmentText(one)}</Foreign>,
          badge: <StageBadge stage={one.stage} />,
        }))}
      />
      {environment !== undefined && (
        <Realms
          key={environment}
          environment={environment}
          realm={live?.environment === environment ? live.realm : undefined}
          onChoose={(realm) => onChoose({ kind: 'live', environment, realm })}
        />
      )}
    </Stack>
  );
}

function Realms({
  environment,
  realm,
  onChoose,
}: {
  environment: string;
  realm: string | undefined;
  onChoose: (realm: string) => void;
}) {
  const api = useApi();
  const { data, error, refetch } = useQuery({
    ...api.engine.environments.realms.queryOptions({ input: { name: environment } }),
    staleTime: 30_000,
  });
  if (error)
    return (
      <ErrorNotice error={error}>
        <Button size="compact-sm" variant="default" onClick={() => void refetch()}>
          Ask again
        </Button>
      </ErrorNotice>
    );
  if (!data) return <Waiting lines={1} />;
  return (
    <Select
      label="Realm"
      placeholder={data.length === 0 ? 'There is none' : 'Choose a realm'}
      data={data.map(({ name }) => ({ value: name, label: visible(name).slice(0, 120) }))}
      value={realm ?? null}
      onChange={(name) => name !== null && onChoose(name)}
      searchable
      allowDeselect={false}
      nothingFoundMessage="No realm of this name"
      maw={420}
    />
  );
}

export function NoEnvironment() {
  return (
    <Empty
      title="No environment yet"
      actions={
        <Button component={Link} href="/environments">
          Add an environment
        </Button>
      }
    >
      An environment is an OpenGate installation that Drawbridge can reach. Add the one that you migrate from,
      and the one that you migrate to; or start the sandbox, which brings two.
    </Empty>
  );
}
