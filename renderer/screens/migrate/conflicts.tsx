import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import type { PlanItemView, PlanView } from '../../../contract/plan.ts';
import { settlementsOf, type Settlement } from '../../../contract/settling.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { count, counted } from '../../design/moments.ts';
import { Waiting } from '../../design/page.tsx';
import type { ItemDecisions } from '../../features/plans/item-drawer.tsx';
import { PlanItems } from '../../features/plans/plan-items.tsx';
import { settlementText, totalsOf } from '../../features/plans/plan-words.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import { Told } from '../../design/told.tsx';
import classes from './conflicts.module.css';
import { windowText } from '../../wording/window-words.ts';

/** Looked at for their kinds; all of them are in the table. */
const LOOKED_AT = 1_000;

interface Kind {
  readonly id: string;
  readonly settlements: readonly Settlement[];
  readonly examples: PlanItemView[];
  number: number;
}

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
          kindsOf(data.items).map((kind) => <OneKind key={kind.id} kind={kind} decisions={decisions} />)}
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

function kindsOf(items: readonly PlanItemView[]): readonly Kind[] {
  const kinds = new Map<string, Kind>();
  for (const item of items) {
    const id = `${item.section} ${item.reason}`;
    const kind = kinds.get(id) ?? { id, settlements: settlementsOf(item), examples: [], number: 0 };
    kinds.set(id, kind);
    kind.number += 1;
    if (kind.examples.length < 3) kind.examples.push(item);
  }
  return [...kinds.values()];
}

function OneKind({ kind, decisions }: { kind: Kind; decisions: ItemDecisions | undefined }) {
  const [, navigate] = useLocation();
  const { examples, settlements, number } = kind;
  const [first] = examples;
  if (!first) return null;
  const byPolicy = settlements.filter(({ change }) => Object.keys(change).length > 0);
  const byName =
    first.reason === 'realm-exists' || settlements.some(({ flag }) => flag.startsWith('--realm-name'));
  return (
    <Stack
      gap="xs"
      role="group"
      aria-label={`${SECTION_NAMES[first.section]}: ${windowText(first.explanation)}`}
    >
      <Text size="sm" fw={500}>
        {SECTION_NAMES[first.section]}: <Foreign>{examples.map(({ key }) => key).join(', ')}</Foreign>
        {number > examples.length && ` and ${count(number - examples.length)} more`}
      </Text>
      <Text size="sm">
        <Told whole>{first.explanation}</Told>
      </Text>
      {decisions && (
        <Group gap="xs">
          {byPolicy.map(({ change, meaning }) => {
            const chosen = decisions.isSettledBy(change);
            return (
              <Button
                key={meaning}
                size="compact-sm"
                variant={chosen ? 'light' : 'default'}
                aria-pressed={chosen}
                leftSection={chosen ? <IconCheck size={14} aria-hidden /> : undefined}
                onClick={() => decisions.settle(change)}
              >
                {settlementText({ change, meaning })}
              </Button>
            );
          })}
          {byName && (
            <Button size="compact-sm" variant="default" onClick={() => navigate('/migrate/what')}>
              Give the realm another name
            </Button>
          )}
          {number <= examples.length && first.section !== 'realm' && (
            <LeaveOut items={examples} decisions={decisions} />
          )}
        </Group>
      )}
    </Stack>
  );
}

function LeaveOut({ items, decisions }: { items: readonly PlanItemView[]; decisions: ItemDecisions }) {
  return items.map((item) => {
    const leftOut = decisions.isLeftOut(item);
    return (
      <Button
        key={item.key}
        size="compact-sm"
        variant={leftOut ? 'light' : 'default'}
        aria-pressed={leftOut}
        leftSection={leftOut ? <IconCheck size={14} aria-hidden /> : undefined}
        onClick={() => decisions.toggle(item)}
      >
        <Foreign>{`Leave out ${item.key}`}</Foreign>
      </Button>
    );
  });
}
