import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { PlanView } from '../../../contract/plan.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { count, counted } from '../../design/moments.ts';
import { Waiting } from '../../design/page.tsx';
import { leavesThemOut, type ItemDecisions } from '../../features/plans/item-decisions.ts';
import { PlanItems } from '../../features/plans/plan-items.tsx';
import { settlementText, totalsOf } from '../../features/plans/plan-words.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import { Told } from '../../design/told.tsx';
import { windowText } from '../../wording/window-words.ts';
import { kindsOf, type Kind } from './conflict-kinds.ts';
import classes from './conflicts.module.css';

/** Looked at for their kinds; all of them are in the table. */
const LOOKED_AT = 1_000;
/** Named, and to be left out one by one, without a look at the table. */
const EXAMPLES = 3;

/** What stands in the way, each kind with what settles it. Nothing can be written before all of it is settled. */
export function Conflicts({ plan, decisions }: { plan: PlanView; decisions: ItemDecisions | undefined }) {
  const api = useApi();
  const { data, error } = useQuery({
    ...api.engine.plans.items.queryOptions({
      input: { plan: plan.plan, actions: ['conflict'], limit: LOOKED_AT },
    }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const total = totalsOf(plan).conflict;
  return (
    <section className={classes.conflicts} aria-label="Conflicts">
      <Stack gap="md">
        <Group gap="xs">
          <IconAlertTriangle size={18} aria-hidden className={classes.sign} />
          <Title order={3} size="h5">
            {counted(total, 'conflict has', 'conflicts have')} to be settled first
          </Title>
        </Group>
        <ErrorNotice error={error} />
        {!data && !error && <Waiting />}
        {data &&
          kindsOf(data.items).map((kind) => (
            <OneKind key={kind.id} kind={kind} isBeginning={data.truncated} decisions={decisions} />
          ))}
        {data?.truncated && (
          <Alert color="amber" variant="light" role="note">
            There are {count(total)}; the first {count(LOOKED_AT)} were looked at for their kinds. Others may
            show when these are settled.
          </Alert>
        )}
        {total > 1 && (
          <details>
            <summary className={classes.all}>All conflicts, one by one</summary>
            <PlanItems plan={plan} decisions={decisions} only="conflict" />
          </details>
        )}
      </Stack>
    </section>
  );
}

function OneKind({
  kind,
  isBeginning,
  decisions,
}: {
  kind: Kind;
  /** There are more conflicts than were looked at: of this kind, so many at least. */
  isBeginning: boolean;
  decisions: ItemDecisions | undefined;
}) {
  const { section, items, reason } = kind;
  const examples = items.slice(0, EXAMPLES);
  const isMany = items.length > examples.length;
  const leftOut = decisions ? items.filter((item) => decisions.isLeftOut(item)).length : 0;
  const updated = decisions ? items.filter((item) => decisions.isUpdated(item)).length : 0;
  return (
    <Stack gap="xs" role="group" aria-label={`${SECTION_NAMES[section]}: ${windowText(reason)}`}>
      <Text size="sm" fw={500}>
        {SECTION_NAMES[section]}: <Foreign>{examples.map(({ key }) => key).join(', ')}</Foreign>
        {isMany && ` and ${isBeginning ? 'at least ' : ''}${count(items.length - examples.length)} more`}
      </Text>
      <Text size="sm">
        <Told whole>{reason}</Told>
      </Text>
      {decisions && <Answers kind={kind} decisions={decisions} />}
      {leftOut > 0 && isMany && (
        <Text size="sm" c="dimmed">
          {counted(leftOut, 'of them is', 'of them are')} left out by name.
        </Text>
      )}
      {updated > 0 && isMany && (
        <Text size="sm" c="dimmed">
          {counted(updated, 'of them is', 'of them are')} to be updated by name.
        </Text>
      )}
    </Stack>
  );
}

/** One of them holds, for all records of the kind; of single ones, where there are few, it can be decided otherwise. */
function Answers({ kind, decisions }: { kind: Kind; decisions: ItemDecisions }) {
  const [, navigate] = useLocation();
  const { section, items, answers, byName } = kind;
  const holds = decisions.holding(answers);
  const isOutAnyway = holds !== undefined && leavesThemOut(holds, items[0]!);
  const single = items.length <= EXAMPLES && section !== 'realm' ? items : [];
  const but = (verb: string): string => (holds === undefined ? verb : `But ${verb.toLowerCase()}`);
  return (
    <Group gap="xs">
      {answers.map((answer) => (
        <Answer
          key={answer.meaning}
          chosen={answer === holds}
          onClick={() => decisions.settle(answer.change, answers, items)}
        >
          {settlementText(answer)}
        </Answer>
      ))}
      {byName && (
        <Button size="compact-sm" variant="default" onClick={() => navigate('/migrate/what')}>
          Give the realm another name
        </Button>
      )}
      {single
        .filter((item) => decisions.canUpdate(item))
        .map((item) => (
          <Answer
            key={item.key}
            chosen={decisions.isUpdated(item)}
            onClick={() => decisions.toggleUpdate(item)}
          >
            <Foreign>{`${but('Update')} ${item.key}`}</Foreign>
          </Answer>
        ))}
      {!isOutAnyway &&
        single.map((item) => (
          <Answer key={item.key} chosen={decisions.isLeftOut(item)} onClick={() => decisions.toggle(item)}>
            <Foreign>
              {decisions.keeps(item)
                ? `${but('Keep')} ${item.key} on the target`
                : `${but('Leave')} out ${item.key}`}
            </Foreign>
          </Answer>
        ))}
    </Group>
  );
}

function Answer({
  chosen,
  onClick,
  children,
}: {
  chosen: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <Button
      size="compact-sm"
      variant={chosen ? 'light' : 'default'}
      aria-pressed={chosen}
      leftSection={chosen ? <IconCheck size={14} aria-hidden /> : undefined}
      onClick={onClick}
    >
      {children}
    </Button>
  );
}
