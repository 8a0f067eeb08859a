import { Chip, Group, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ACTIONS, type PlanItemView, type PlanView } from '../../../contract/plan.ts';
import { SECTIONS, type Section } from '../../../contract/sections.ts';
import { useApi, useClient } from '../../client/use-client.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { count, counted } from '../../design/moments.ts';
import { PAGE_ROWS } from '../../design/table-pages.ts';
import { VirtualTable, type RowSelection, type TableColumn } from '../../design/virtual-table.tsx';
import { ActionBadge } from './action-badge.tsx';
import type { ItemDecisions } from './item-decisions.ts';
import { ItemDrawer } from './item-drawer.tsx';
import classes from './plan-items.module.css';
import { ACTION_TITLES, totalsOf, type Action } from './plan-words.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import { windowText } from '../../wording/window-words.ts';

/** How often the list is asked whether it knows its length by now, while it is being made. Milliseconds. */
const ASK_AGAIN = 1_000;

/** Every item of a plan: filtered, searched, and decided on one by one. */
export function PlanItems({
  plan,
  decisions,
  only,
}: {
  plan: PlanView;
  /** What can be decided of single items; undefined: nothing, they are only looked at. */
  decisions: ItemDecisions | undefined;
  /** Nothing but items with this action. */
  only?: Action;
}) {
  const api = useApi();
  const client = useClient();
  const [actions, setActions] = useState<readonly Action[]>([]);
  const [sections, setSections] = useState<readonly Section[]>([]);
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed.trim(), 200);
  const [opened, setOpened] = useState<PlanItemView>();
  const filter = {
    ...(only !== undefined ? { actions: [only] } : actions.length > 0 ? { actions: [...actions] } : {}),
    ...(sections.length > 0 && { sections: [...sections] }),
    ...(text !== '' && { text }),
  };
  const { data: first } = useQuery({
    ...api.engine.plans.items.queryOptions({ input: { plan: plan.plan, limit: 1, ...filter } }),
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.data && state.data.total === undefined ? ASK_AGAIN : false),
  });
  // Until it is known: the first page, if there is any.
  const total = first?.total ?? (first?.truncated ? PAGE_ROWS : first?.items.length);
  const isBeingMade = first?.truncated === true && first.total === undefined;
  return (
    <Stack gap="sm">
      {only === undefined && (
        <Filters
          plan={plan}
          actions={actions}
          sections={sections}
          text={typed}
          onActions={setActions}
          onSections={setSections}
          onText={setTyped}
        />
      )}
      {isBeingMade && (
        <Text size="sm" c="dimmed" role="status">
          The list is being put together again: what can be seen of it yet is its beginning. What was counted
          above is whole.
        </Text>
      )}
      <div
        className={only === undefined ? classes.table : classes.short}
        aria-busy={isBeingMade || undefined}
      >
        <VirtualTable
          label={only === undefined ? 'Every record of the plan' : `Records: ${ACTION_TITLES[only]}`}
          columns={COLUMNS}
          total={total}
          rowHeight={32}
          minWidth={680}
          source={{
            key: ['plan items', plan.plan, JSON.stringify(filter)],
            staleTime: Number.POSITIVE_INFINITY,
            load: async (from, limit, signal) => {
              const page = await client.engine.plans.items(
                { plan: plan.plan, from, limit, ...filter },
                { signal },
              );
              return { rows: page.items, total: page.total };
            },
          }}
          onOpen={setOpened}
          {...(decisions && { selection: selectionOf(decisions) })}
          empty={
            <Text size="sm" c="dimmed" role="status">
              No record of this plan is like that. What is the same on both sides is only counted.
            </Text>
          }
        />
      </div>
      <ItemDrawer item={opened} decisions={decisions} onClose={() => setOpened(undefined)} />
    </Stack>
  );
}

const COLUMNS: readonly TableColumn<PlanItemView>[] = [
  {
    id: 'action',
    title: 'Action',
    width: '130px',
    cell: ({ action }) => <ActionBadge action={action} />,
  },
  { id: 'section', title: 'Section', width: '120px', cell: ({ section }) => SECTION_NAMES[section] },
  { id: 'key', title: 'Record', width: 'minmax(140px, 1fr)', cell: ({ key }) => <Foreign>{key}</Foreign> },
  {
    id: 'why',
    title: 'Why',
    width: 'minmax(200px, 2fr)',
    cell: ({ explanation, warnings }) => (
      <>
        {warnings.length > 0 && (
          <IconAlertTriangle
            size={14}
            className={classes.warned}
            aria-label={counted(warnings.length, 'warning')}
            role="img"
          />
        )}
        <Foreign>{windowText(explanation)}</Foreign>
      </>
    ),
  },
];

function selectionOf({ isLeftOut, canLeaveOut, toggle }: ItemDecisions): RowSelection<PlanItemView> {
  return {
    title: 'Include',
    width: '76px',
    isSelected: (item) => !isLeftOut(item),
    isSelectable: canLeaveOut,
    toggle,
    label: ({ section, key }) => `Include ${section}/${key}`,
  };
}

function Filters({
  plan,
  actions,
  sections,
  text,
  onActions,
  onSections,
  onText,
}: {
  plan: PlanView;
  actions: readonly Action[];
  sections: readonly Section[];
  text: string;
  onActions: (actions: readonly Action[]) => void;
  onSections: (sections: readonly Section[]) => void;
  onText: (text: string) => void;
}) {
  const totals = totalsOf(plan);
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="center" gap="sm">
        <Chip.Group multiple value={[...actions]} onChange={(values) => onActions(values)}>
          <Group gap={6} role="group" aria-label="Show only what is to be">
            {ACTIONS.filter((action) => totals[action] > 0 && action !== 'unchanged').map((action) => (
              <Chip key={action} value={action} size="xs" radius="xs" variant="outline">
                {ACTION_TITLES[action]} ({count(totals[action])})
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <TextInput
          aria-label="Search in the records"
          placeholder="Search by name"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
        />
      </Group>
      <Chip.Group multiple value={[...sections]} onChange={(values) => onSections(values)}>
        <Group gap={6} role="group" aria-label="Show only these sections">
          {SECTIONS.filter((section) => plan.sections[section]).map((section) => (
            <Chip key={section} value={section} size="xs" radius="xs" variant="outline">
              {SECTION_NAMES[section]}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Stack>
  );
}
