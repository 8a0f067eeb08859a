import { Anchor, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { PlanView } from '../../../contract/plan.ts';
import { useApi, useClient } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Waiting } from '../../design/page.tsx';
import { PlanLosses, PlanWarningsAgain } from '../../features/plans/plan-facts.tsx';
import { actionText, countsSentence, namesToType, planSentence } from '../../features/plans/plan-words.ts';
import classes from './confirm-step.module.css';
import { ProductionBand } from './production-band.tsx';
import { TrashedSource } from './trashed-source.tsx';
import { useWizard } from './use-wizard.ts';

/** The last look. Whatever is pressed by accident leads back. */
export function ConfirmStep() {
  const api = useApi();
  const { draft } = useWizard();
  const { data, error } = useQuery(
    api.engine.plans.get.queryOptions({ input: { plan: draft.preview?.plan ?? '' } }),
  );
  return (
    <Stack gap="lg">
      <Title order={2} size="h4">
        Carry it out?
      </Title>
      <ErrorNotice error={error} />
      {!data && !error && <Waiting />}
      {data && <Confirm plan={data} />}
    </Stack>
  );
}

function Confirm({ plan }: { plan: PlanView }) {
  const client = useClient();
  const { change } = useWizard();
  const [, navigate] = useLocation();
  const [realm, setRealm] = useState('');
  const [environment, setEnvironment] = useState('');
  const cancel = useRef<HTMLButtonElement>(null);
  const names = namesToType(plan);
  const isTyped =
    (names.realm === undefined || realm === names.realm) &&
    (names.environment === undefined || environment === names.environment);
  // A second click may come before the button is drawn as pending.
  const isStarted = useRef(false);
  const run = useMutation({
    mutationFn: () =>
      client.engine.jobs.start({
        kind: 'apply',
        plan: plan.plan,
        ...(names.realm !== undefined && { confirm: realm }),
        ...(names.environment !== undefined && { confirmEnvironment: environment }),
      }),
    onSuccess: ({ id }) => {
      change({ run: { job: id, plan: plan.plan } });
      navigate('/migrate/run');
    },
    onError: () => {
      isStarted.current = false;
    },
  });
  const start = (): void => {
    if (isStarted.current) return;
    isStarted.current = true;
    run.mutate();
  };
  const back = (): void => navigate('/migrate/preview');
  useEffect(() => {
    // After the screen's title, which a way by the keyboard leads to first. What will be lost stays in sight.
    const later = setTimeout(() => cancel.current?.focus({ preventScroll: true }), 0);
    return () => clearTimeout(later);
  }, []);
  const blocked = plan.blocked || plan.applied || plan.empty;
  return (
    // Enter in a field is the form's default button, which is Cancel.
    <form
      onSubmit={(event) => {
        event.preventDefault();
        back();
      }}
    >
      <Stack gap="md" className={classes.told}>
        <ProductionBand name={plan.target.environment} stage={plan.target.stage} />
        <Text fw={500}>
          <Foreign>{planSentence(plan)}</Foreign>
        </Text>
        <Text size="sm">{countsSentence(plan)}</Text>
        <PlanLosses plan={plan} />
        <PlanWarningsAgain plan={plan} />
        {plan.warnings.length + plan.cannotSet.length > 0 && (
          <Text size="sm">
            <Anchor component={Link} href="/migrate/preview" underline="always">
              See them in the preview
            </Anchor>
            , with the records that they are about.
          </Text>
        )}
        {!plan.applied && <TrashedSource plan={plan} />}
        {plan.undoes !== undefined && (
          <Text size="sm">What others have changed since is taken back as well.</Text>
        )}
        <Text size="sm" c="dimmed">
          First the target is read again, and kept as a safety snapshot to go back to. If it is not what this
          preview was made from, nothing is written. Afterwards it is read once more and held against what was
          promised.
        </Text>
      </Stack>
      <div className={classes.footer}>
        <ErrorNotice error={run.error} />
        {(names.realm !== undefined || names.environment !== undefined) && (
          <Group gap="md" align="flex-start">
            {names.realm !== undefined && (
              <TextInput
                label={<Foreign>{`Type the realm’s name to confirm: ${names.realm}`}</Foreign>}
                value={realm}
                onChange={(event) => setRealm(event.currentTarget.value)}
                error={wrong(realm, names.realm, 'realm')}
                autoComplete="off"
                spellCheck={false}
                className={classes.field}
              />
            )}
            {names.environment !== undefined && (
              <TextInput
                label={
                  <Foreign>
                    {`Type the environment’s name ${names.realm === undefined ? 'to confirm' : 'as well'}: ${names.environment}`}
                  </Foreign>
                }
                value={environment}
                onChange={(event) => setEnvironment(event.currentTarget.value)}
                error={wrong(environment, names.environment, 'environment')}
                autoComplete="off"
                spellCheck={false}
                className={classes.field}
              />
            )}
          </Group>
        )}
        <Group gap="sm">
          <Button ref={cancel} type="submit">
            Cancel
          </Button>
          <Button
            type="button"
            variant="default"
            className={plan.destructive ? classes.destroys : undefined}
            disabled={!isTyped || blocked}
            loading={run.isPending}
            onClick={start}
          >
            {actionText(plan)}
          </Button>
        </Group>
      </div>
    </form>
  );
}

/** Only what can no longer become the name is wrong. */
function wrong(typed: string, name: string, what: string): string | undefined {
  return name.startsWith(typed) ? undefined : `This is not the ${what}’s name.`;
}
