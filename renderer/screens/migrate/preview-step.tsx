import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { titleInWindows } from '../../../contract/job-title.ts';
import { ACTIONS, type PlanView } from '../../../contract/plan.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Moment } from '../../design/moment.tsx';
import { count } from '../../design/moments.ts';
import { Section, Waiting } from '../../design/page.tsx';
import { ProgressBar } from '../../features/jobs/progress-bar.tsx';
import { PlanFacts } from '../../features/plans/plan-facts.tsx';
import { PlanItems } from '../../features/plans/plan-items.tsx';
import { ACTION_TITLES, totalsOf } from '../../features/plans/plan-words.ts';
import { Conflicts } from './conflicts.tsx';
import { Decided } from './decided.tsx';
import { itemDecisions } from './decisions.ts';
import { StepFooter } from './step-footer.tsx';
import { ProductionBand } from './production-band.tsx';
import { TrashedSource } from './trashed-source.tsx';
import { usePreview, type Preview } from './use-preview.ts';
import { useWizard } from './use-wizard.ts';

/** Exactly what would be done, before anything is. */
export function PreviewStep() {
  const api = useApi();
  const preview = usePreview();
  const plan = useQuery({
    ...api.engine.plans.get.queryOptions({ input: { plan: preview.plan ?? '' } }),
    enabled: preview.plan !== undefined,
  });
  return (
    <Stack gap="lg">
      <Title order={2} size="h4">
        {preview.making ? 'The preview is being made' : 'What would be done'}
      </Title>
      {preview.making && <Making preview={preview} />}
      {!preview.making && <NotMade preview={preview} />}
      <ErrorNotice error={plan.error}>
        <Button size="compact-sm" variant="default" onClick={() => preview.make()}>
          Make a new preview
        </Button>
      </ErrorNotice>
      {plan.data && !preview.making && <Made preview={preview} plan={plan.data} />}
      {preview.making && <StepFooter step="preview" blocked="The preview is being made." />}
      {!preview.making && !plan.data && <StepFooter step="preview" blocked="There is no preview yet." />}
    </Stack>
  );
}

function Making({ preview }: { preview: Preview }) {
  const { job, isCopying, cancel, notCanceled } = preview;
  return (
    <Stack gap="sm" role="status" aria-label="Making the preview">
      <Text size="sm" c="dimmed">
        {isCopying
          ? 'First the copy in which everybody is somebody else. Nothing is written to the target.'
          : 'Source and target are read and compared. Nothing is written to either.'}
      </Text>
      {job ? <ProgressBar progress={job.progress} label={titleInWindows(job)} /> : <Waiting lines={2} />}
      <ErrorNotice error={notCanceled} />
      <Group>
        <Button variant="default" size="sm" disabled={!job || job.state === 'canceling'} onClick={cancel}>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}

/** Why there is none, or no new one. */
function NotMade({ preview: { job, error, make, plan } }: { preview: Preview }) {
  const again = (
    <Button size="compact-sm" variant="default" onClick={() => make()}>
      Try again
    </Button>
  );
  if (error !== undefined && error !== null) return <ErrorNotice error={error}>{again}</ErrorNotice>;
  if (!job || plan !== undefined || job.result) return null;
  if (job.error) return <ErrorNotice error={job.error}>{again}</ErrorNotice>;
  return (
    <Stack gap="sm" align="flex-start">
      <Text size="sm" role="status">
        The preview was broken off. Nothing was changed.
      </Text>
      {again}
    </Stack>
  );
}

function Made({ preview, plan }: { preview: Preview; plan: PlanView }) {
  const { draft, change } = useWizard();
  const { origin } = draft;
  const decides = origin.kind === 'choices' && !plan.applied;
  const isPending = decides && !preview.isCurrent;
  const { policy: now, preview: { policy: made } = {}, kept = [] } = draft;
  const decisions = decides
    ? itemDecisions({ now, made, kept }, plan.mode, (policy, stay) =>
        change(stay ? { policy, kept: stay } : { policy }),
      )
    : undefined;
  return (
    <>
      <Group gap="sm">
        <Text size="sm" c="dimmed">
          Made <Moment at={plan.createdAt} />. What has changed since on either side is not in it.
        </Text>
        {origin.kind !== 'plan' && (
          <Button size="compact-sm" variant="default" onClick={() => preview.make('now')}>
            Make it again
          </Button>
        )}
      </Group>
      <ProductionBand name={plan.target.environment} stage={plan.target.stage} />
      {plan.applied && (
        <Alert
          color="moat"
          icon={<IconInfoCircle aria-hidden />}
          role="status"
          title="This plan was carried out"
        >
          It cannot be carried out twice.
        </Alert>
      )}
      {!plan.applied && <TrashedSource plan={plan} />}
      <Recalculated plan={plan} />
      <PlanFacts plan={plan} />
      {plan.blocked && <Conflicts plan={plan} decisions={decisions} />}
      {plan.blocked && origin.kind === 'rollback' && <OwnPlan plan={plan} />}
      {decides && <Decided isCurrent={preview.isCurrent} />}
      <Section title="Every record">
        <PlanItems plan={plan} decisions={decisions} />
      </Section>
      <StepFooter
        step="preview"
        {...(isPending && {
          next: 'Recalculate',
          onNext: () => preview.make({ snapshot: plan.source.snapshot }),
        })}
        blocked={isPending ? undefined : whyNot(plan)}
      />
    </>
  );
}

function whyNot(plan: PlanView): string | undefined {
  if (plan.applied) return 'It was carried out already.';
  if (plan.blocked) return 'Settle the conflicts first.';
  if (plan.empty) return 'There is nothing to do.';
  return undefined;
}

/** What became other with the last decisions. */
function Recalculated({ plan }: { plan: PlanView }) {
  const api = useApi();
  const { draft } = useWizard();
  const before = draft.preview?.before;
  const { data } = useQuery({
    ...api.engine.plans.get.queryOptions({ input: { plan: before ?? '' } }),
    enabled: before !== undefined && draft.preview?.plan === plan.plan,
  });
  if (!data) return null;
  const [old, now] = [totalsOf(data), totalsOf(plan)];
  const changed = ACTIONS.filter((action) => old[action] !== now[action]);
  return (
    <Text size="sm" role="status" data-recalculated>
      {changed.length === 0
        ? 'Recalculated: the counts are the same as before.'
        : `Recalculated. ${changed.map((action) => `${ACTION_TITLES[action]}: ${count(old[action])} → ${count(now[action])}`).join(', ')}.`}
    </Text>
  );
}

/** An undoing takes no decisions: the way round is a restore of one's own. */
function OwnPlan({ plan }: { plan: PlanView }) {
  return (
    <Text size="sm">
      Settle what stands in the way, then make the preview again. Or{' '}
      <Link
        href={`/migrate?source=${plan.source.snapshot}&target=${encodeURIComponent(plan.target.environment)}`}
      >
        restore what can be restored from snapshot {plan.source.snapshot}
      </Link>
      , with decisions of your own.
    </Text>
  );
}
