import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { section } from '../../../contract/snapshot.ts';
import { useApi } from '../../client/use-client.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { count, counted } from '../../design/moments.ts';
import classes from './decided.module.css';
import { decisionsOf, whyNotUpdated, withoutNames, type Decision } from './decisions.ts';
import { useWizard } from './use-wizard.ts';

/** Listed one by one; more stand in the table, where each can be taken back as well. */
const LISTED = 50;
/** Among how many records whose names contain the name of another one this is looked for. */
const LIKE_IT = 1_000;

/** What was decided, whether the preview shows it already or not, and the way back from each and from all. */
export function Decided({ isCurrent }: { isCurrent: boolean }) {
  const { draft, change } = useWizard();
  const made = draft.preview?.policy;
  if (!made) return null;
  const decisions = decisionsOf(made, draft.policy, draft.kept);
  const pending = decisions.filter(({ isPending }) => isPending).length;
  if (decisions.length === 0 && isCurrent) return null;
  const { exclude = [], update = [] } = draft.policy;
  return (
    <section className={classes.decided} aria-label="Decisions">
      <Stack gap="sm">
        <Title order={3} size="h5">
          What you have decided
        </Title>
        {!isCurrent && (
          <Group gap="xs" role="status" wrap="nowrap" className={classes.pending}>
            <IconRefresh size={16} aria-hidden />
            <Text size="sm" fw={500}>
              {pending === 0
                ? 'Your choices are not in this preview yet'
                : `${counted(pending, 'decision is', 'decisions are')} not in this preview yet`}
            </Text>
          </Group>
        )}
        <ul className={classes.list}>
          {decisions.slice(0, LISTED).map((decision) => (
            <OneDecision
              key={decision.text}
              decision={decision}
              plan={draft.preview?.plan}
              onTakeBack={() => change({ policy: decision.without })}
            />
          ))}
        </ul>
        {decisions.length > LISTED && (
          <Text size="sm" c="dimmed">
            And {count(decisions.length - LISTED)} more: each can be taken back at its record, in the table
            below.
          </Text>
        )}
        {(update.length > 1 || exclude.length > 1 || pending > 0) && (
          <Group gap="xs">
            {update.length > 1 && (
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => change({ policy: withoutNames(draft.policy, 'update') })}
              >
                Update none of the {count(update.length)} that were named
              </Button>
            )}
            {exclude.length > 1 && (
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => change({ policy: withoutNames(draft.policy, 'exclude') })}
              >
                {exclude.some((entry) => draft.kept?.includes(entry))
                  ? `Take back all ${count(exclude.length)} that were left out or kept by name`
                  : `Bring all ${count(exclude.length)} that were left out by name`}
              </Button>
            )}
            {pending > 0 && (
              <Button size="compact-sm" variant="default" onClick={() => change({ policy: made })}>
                Discard what the preview does not show
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </section>
  );
}

function OneDecision({
  decision,
  plan,
  onTakeBack,
}: {
  decision: Decision;
  plan: string | undefined;
  onTakeBack: () => void;
}) {
  const { text, isPending, isToUpdate, entry } = decision;
  return (
    <li className={classes.decision} data-pending={isPending || undefined}>
      <span>
        <Foreign>{text}</Foreign>
        {isToUpdate && entry !== undefined && plan !== undefined && (
          <WhyNotUpdated plan={plan} entry={entry} />
        )}
      </span>
      {isPending && <span className={classes.mark}>not in the preview yet</span>}
      <Button size="compact-xs" variant="default" aria-label={`Take back: ${text}`} onClick={onTakeBack}>
        Take back
      </Button>
    </li>
  );
}

/** Records change on both sides: one that was to be updated may be gone from either by the time of the next preview. */
function WhyNotUpdated({ plan, entry }: { plan: string; entry: string }) {
  const api = useApi();
  const slash = entry.indexOf('/');
  const [named, key] = [entry.slice(0, slash), entry.slice(slash + 1)];
  const of = section.safeParse(named).data;
  const { data } = useQuery({
    ...api.engine.plans.items.queryOptions({
      input: { plan, text: key, limit: LIKE_IT, ...(of && { sections: [of] }) },
    }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const why = whyNotUpdated(data?.items.find((item) => item.section === named && item.key === key));
  if (why === undefined) return null;
  return (
    <Text size="xs" c="dimmed" component="div">
      {why}
    </Text>
  );
}
