import { Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { retentionPolicy, type RetentionPolicyInput } from '../../../contract/retention.ts';
import { asAppError } from '../../../contract/wire.ts';
import { useApi } from '../../client/use-client.tsx';
import { Confirm } from '../../design/confirm.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { JobLine } from '../../features/jobs/job-line.tsx';
import { bytes, counted } from '../../design/moments.ts';
import { Section, Waiting } from '../../design/page.tsx';
import { HERE } from '../../design/time-zone-select.tsx';
import { Told } from '../../design/told.tsx';
import { PolicyForm, policyIssues, USUAL_POLICY } from '../../features/retention/policy-form.tsx';
import { Verdicts } from '../../features/retention/verdicts.tsx';
import { retentionQuestion } from './retention-question.ts';

/** The name under which the policy that was tried last is kept among the drafts. */
const DRAFT = 'retention';

interface Scope {
  readonly environment: string;
  readonly realm: string;
  readonly tag: string;
}

/** A policy, what it would do to each snapshot, and the doing of it. */
export function Retention() {
  const api = useApi();
  const { data: preferences, error } = useQuery(api.preferences.get.queryOptions());
  if (error) return <ErrorNotice error={error} />;
  if (!preferences) return <Waiting lines={6} />;
  const kept = retentionPolicy.safeParse(preferences.drafts[DRAFT]?.['policy']);
  return <Try begin={kept.success ? kept.data : { ...USUAL_POLICY, timeZone: HERE }} />;
}

function Try({ begin }: { begin: RetentionPolicyInput }) {
  const api = useApi();
  const [policy, setPolicy] = useState(begin);
  const [scope, setScope] = useState<Scope>({ environment: '', realm: '', tag: '' });
  const [asking, setAsking] = useState(false);
  // As text: of another object at each drawing the pause would never end.
  const typed = JSON.stringify([policy, scope]);
  const [paused] = useDebouncedValue(typed, 400);
  const [asked, where] = JSON.parse(paused) as [RetentionPolicyInput, Scope];
  const usable = Object.keys(policyIssues(asked)).length === 0;
  const input = {
    policy: asked,
    ...(where.environment.trim() !== '' && { environment: where.environment.trim() }),
    ...(where.realm.trim() !== '' && { realm: where.realm.trim() }),
    ...(where.tag.trim() !== '' && { tag: where.tag.trim() }),
  };
  const preview = useQuery(
    api.engine.snapshots.previewPrune.queryOptions({
      input,
      enabled: usable,
      placeholderData: (before) => before,
    }),
  );
  const keep = useMutation(api.preferences.change.mutationOptions());
  const start = useMutation(api.engine.jobs.start.mutationOptions({ onSuccess: () => setAsking(false) }));
  const view = preview.data;
  const question = view && retentionQuestion(view);
  // What is shown is of what is asked: else the number that is confirmed could be another one.
  const settled = usable && paused === typed && !preview.isPlaceholderData && !preview.error;
  const change = (part: Partial<Scope>): void => setScope({ ...scope, ...part });
  return (
    <Stack gap="lg">
      <Section title="What is kept">
        <Stack gap="md">
          <Text size="sm">
            Of each realm those snapshots stay that any of these rules keeps; the others go to the trash.
            Pinned ones, and what a plan, a job or a rollback counts on, stay whatever the rules say. To have
            this done by itself, give it to a{' '}
            <Anchor component={Link} href="/schedules" size="sm" underline="always">
              schedule
            </Anchor>
            .
          </Text>
          <PolicyForm value={policy} onChange={setPolicy} />
          <Group grow align="flex-start">
            <TextInput
              label="Only of the environment"
              placeholder="every"
              value={scope.environment}
              onChange={({ currentTarget }) => change({ environment: currentTarget.value })}
            />
            <TextInput
              label="Only of the realm"
              placeholder="every"
              value={scope.realm}
              onChange={({ currentTarget }) => change({ realm: currentTarget.value })}
            />
            <TextInput
              label="Only with the tag"
              placeholder="any"
              value={scope.tag}
              onChange={({ currentTarget }) => change({ tag: currentTarget.value })}
            />
          </Group>
        </Stack>
      </Section>
      <Section
        title="What that would do now"
        actions={
          <Button
            color="brick"
            variant="outline"
            size="compact-sm"
            disabled={!settled || (view?.trashed === 0 && view.expired === 0)}
            onClick={() => {
              start.reset();
              setAsking(true);
            }}
          >
            Do it …
          </Button>
        }
      >
        <Stack gap="md">
          {preview.error ? (
            <Refused error={preview.error} />
          ) : view ? (
            view.groups.length === 0 ? (
              <Text size="sm">There are no snapshots: there is nothing to let go.</Text>
            ) : (
              <Verdicts view={view} />
            )
          ) : (
            <Waiting lines={3} />
          )}
          {/* The policy is carried out all the same. */}
          <ErrorNotice error={keep.error} />
          {start.data && (
            <JobLine id={start.data.id}>
              {({ result }) =>
                result?.kind === 'prune' && (
                  <Text size="sm">
                    {counted(result.pruned.trashed, 'snapshot is', 'snapshots are')} in the trash now, for{' '}
                    {result.pruned.grace}; {counted(result.pruned.freed.snapshots, 'was', 'were')} deleted for
                    good, {bytes(result.pruned.freed.bytes)} freed.{' '}
                    {result.pruned.freed.pending && <Told>{result.pruned.freed.pending}</Told>}
                  </Text>
                )
              }
            </JobLine>
          )}
        </Stack>
      </Section>
      {view && question && (
        <Confirm
          opened={asking}
          title={question.title}
          action={question.action}
          typed={question.typed}
          impossible={!settled || view.trashed + view.expired === 0}
          pending={start.isPending}
          error={start.error}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            keep.mutate({ drafts: { [DRAFT]: { policy: asked } } });
            start.mutate({ kind: 'prune', ...input });
          }}
        >
          <Text size="sm">{question.sentences.join(' ')}</Text>
        </Confirm>
      )}
    </Stack>
  );
}

/** A policy that is refused on purpose is no fault: it says what would have been lost. */
function Refused({ error }: { error: unknown }) {
  const { code } = asAppError(error);
  return (
    <ErrorNotice error={error}>
      {code === 'RETENTION_REFUSED' && (
        <Text size="sm">Drawbridge never empties a realm by a rule: change the policy above.</Text>
      )}
    </ErrorNotice>
  );
}
