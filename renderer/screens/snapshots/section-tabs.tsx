import { Tabs } from '@mantine/core';
import { isSection, type Section } from '../../../contract/sections.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { useClient } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { count } from '../../design/moments.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import { VirtualTable } from '../../design/virtual-table.tsx';
import { columnsOf, type ShownRecord } from './section-columns.tsx';
import classes from './snapshot.module.css';

/** What people look for first, first. */
const ORDER: readonly Section[] = [
  'users',
  'roles',
  'clients',
  'groups',
  'policies',
  'credentials',
  'socialLinks',
  'realm',
];

/** The records of a snapshot, a section at a time. */
export function SectionTabs({
  snapshot,
  section,
  onSection,
  onOpen,
}: {
  snapshot: SnapshotView;
  section: Section;
  onSection: (section: Section) => void;
  onOpen: (key: string) => void;
}) {
  return (
    <Tabs
      value={section}
      onChange={(value) => value !== null && isSection(value) && onSection(value)}
      keepMounted={false}
      className={classes.panel}
      activateTabWithKeyboard={false}
    >
      <Tabs.List className={classes.tabs}>
        {ORDER.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {SECTION_NAMES[one]}
            {one !== 'realm' && (
              <span className={classes.number}>
                {snapshot.counts[one] === undefined ? 'not read' : count(snapshot.counts[one])}
              </span>
            )}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={section} className={classes.panel}>
        <SectionTable snapshot={snapshot} section={section} onOpen={onOpen} />
      </Tabs.Panel>
    </Tabs>
  );
}

function SectionTable({
  snapshot: { id, counts },
  section,
  onOpen,
}: {
  snapshot: SnapshotView;
  section: Section;
  onOpen: (key: string) => void;
}) {
  const client = useClient();
  const name = SECTION_NAMES[section].toLowerCase();
  if (counts[section] === undefined)
    return (
      <Empty title={`${SECTION_NAMES[section]} were not read`}>
        Whether there are any is not known: they are never compared, and nothing is deleted from a target for
        them.
      </Empty>
    );
  return (
    <VirtualTable<ShownRecord>
      label={`${SECTION_NAMES[section]} of the snapshot`}
      columns={columnsOf(section)}
      total={counts[section]}
      source={{
        key: ['records', id, section],
        staleTime: Number.POSITIVE_INFINITY,
        async load(from, limit, signal) {
          const { records, total } = await client.engine.snapshots.records(
            { snapshot: id, section, from, limit },
            { signal },
          );
          return { rows: records, total };
        },
      }}
      onOpen={({ key }) => onOpen(key)}
      empty={<Empty title={`No ${name}`}>The realm had none when it was read.</Empty>}
    />
  );
}
