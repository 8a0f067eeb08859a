import { Alert, Button, Group, List, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { quoted } from '../../../contract/visible.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { Waiting } from '../../design/page.tsx';
import { StageBadge } from '../../design/stage-badge.tsx';
import { Told } from '../../design/told.tsx';
import { ChoiceCards } from './choice-cards.tsx';
import { currentPreview, targetRealm, withPreviewAnew, withPreviewAsked, type WizardDraft } from './draft.ts';
import { environmentText } from './environment-text.ts';
import { HowChoices } from './how-choices.tsx';
import { NoEnvironment } from './live-source.tsx';
import { ProductionBand } from './production-band.tsx';
import { withTarget } from './sides.ts';
import { StepFooter } from './step-footer.tsx';
import classes from './target-step.module.css';
import { useWizard } from './use-wizard.ts';

/** Where it goes, and what happens with what is there. */
export function TargetStep() {
  const api = useApi();
  const { draft, change } = useWizard();
  const { data: environments, error } = useQuery(api.engine.environments.list.queryOptions());
  const target = environments?.find(({ name }) => name === draft.target);
  if (!environments) return error ? <ErrorNotice error={error} /> : <Waiting />;
  if (environments.length === 0) return <NoEnvironment />;
  return (
    <Stack gap="lg">
      <Title order={2} size="h4">
        Where does it go?
      </Title>
      <ChoiceCards
        label="Environment to write to"
        columns={2}
        value={target?.name}
        onChange={(name) => change((before) => withTarget(before, name))}
        choices={environments.map((one) => ({
          value: one.name,
          title: <Foreign>{one.name}</Foreign>,
          text: <Foreign>{environmentText(one)}</Foreign>,
          badge: <StageBadge stage={one.stage} />,
        }))}
      />
      {target && (
        <>
          <ProductionBand name={target.name} stage={target.stage} />
          <Probe key={target.name} environment={target.name} />
          <There key={`realms ${target.name}`} environment={target.name} />
        </>
      )}
      <ToPreview isChosen={target !== undefined} />
    </Stack>
  );
}

/** To the preview that these choices have already, of which it is told how old it is; or to one that is made now. */
function ToPreview({ isChosen }: { isChosen: boolean }) {
  const api = useApi();
  const { draft, change } = useWizard();
  const [, navigate] = useLocation();
  const go = (asking: (now: WizardDraft) => WizardDraft): void => {
    change(asking);
    navigate('/migrate/preview');
  };
  const made = isChosen ? currentPreview(draft) : undefined;
  const { data } = useQuery({
    ...api.engine.plans.get.queryOptions({ input: { plan: made?.plan ?? '' } }),
    enabled: made?.plan !== undefined,
  });
  if (!made)
    return (
      <StepFooter
        step="target"
        next="Make the preview"
        blocked={isChosen ? undefined : 'Choose an environment.'}
        onNext={() => go(withPreviewAsked)}
      />
    );
  return (
    <StepFooter
      step="target"
      next="Show the preview"
      beside={
        <>
          {data && (
            <Text size="sm" c="dimmed">
              Made <Moment at={data.createdAt} />
            </Text>
          )}
          <Button variant="default" onClick={() => go(withPreviewAnew)}>
            Make it anew
          </Button>
        </>
      }
    />
  );
}

/** Whether the environment answers, and what was found about it. */
function Probe({ environment }: { environment: string }) {
  const api = useApi();
  const { data, error, refetch, isFetching } = useQuery({
    ...api.engine.environments.probe.queryOptions({ input: { name: environment } }),
    // Whoever chooses a target is to see it as it is now.
    staleTime: 5_000,
  });
  const again = (
    <Button size="compact-sm" variant="default" loading={isFetching} onClick={() => void refetch()}>
      Test again
    </Button>
  );
  if (error) return <ErrorNotice error={error}>{again}</ErrorNotice>;
  if (!data) return <Waiting lines={2} />;
  const findings = data.steps.filter(({ verdict }) => verdict === 'finding' || verdict === 'failed');
  if (data.usable && findings.length === 0)
    return (
      <Group gap="sm" role="status" data-probe="usable">
        <IconCircleCheck size={18} className={classes.fine} aria-hidden />
        <Text size="sm">
          The environment answers, and everything that was tested is in order
          {data.serverVersion !== undefined && <Foreign>{` (${data.serverVersion})`}</Foreign>}.
        </Text>
        {again}
      </Group>
    );
  return (
    <Alert
      color={data.usable ? 'amber' : 'brick'}
      variant="light"
      icon={<IconInfoCircle aria-hidden />}
      title={data.usable ? 'The environment answers' : 'The environment cannot be used as it is'}
      role="status"
      data-probe={data.usable ? 'usable' : 'unusable'}
    >
      <Stack gap="xs" align="flex-start">
        <List size="sm">
          {findings.map(({ name, text }) => (
            <List.Item key={name}>
              <Told whole>{text}</Told>
            </List.Item>
          ))}
        </List>
        {again}
      </Stack>
    </Alert>
  );
}

/** Whether the realm is there, and what is then to be done with it. */
function There({ environment }: { environment: string }) {
  const api = useApi();
  const { draft } = useWizard();
  const { data, error, refetch } = useQuery({
    ...api.engine.environments.realms.queryOptions({ input: { name: environment } }),
    staleTime: 10_000,
  });
  const realm = targetRealm(draft);
  if (error)
    return (
      <ErrorNotice error={error}>
        <Button size="compact-sm" variant="default" onClick={() => void refetch()}>
          Ask again
        </Button>
      </ErrorNotice>
    );
  if (!data) return <Waiting lines={2} />;
  const exists = data.some(({ name }) => name === realm);
  return (
    <Stack gap="md">
      <Text size="sm" role="status" data-realm-exists={exists}>
        <Foreign>
          {exists
            ? `There is a realm ${quoted(realm)} on ${quoted(environment)}. Choose what is to happen with it.`
            : `There is no realm ${quoted(realm)} on ${quoted(environment)}: it will be created.`}
        </Foreign>
      </Text>
      {exists && <HowChoices />}
    </Stack>
  );
}
