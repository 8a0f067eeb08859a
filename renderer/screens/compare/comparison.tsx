import { Anchor, Button, Chip, Group, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDownload, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { takenAt } from '../../../contract/series.ts';
import { DIFFERENCE_KINDS, type ComparisonView, type DifferenceView } from '../../../contract/comparison.ts';
import { SECTIONS, type Section } from '../../../contract/sections.ts';
import { useApi } from '../../client/use-client.tsx';
import { Empty } from '../../design/empty.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Moment } from '../../design/moment.tsx';
import { Page } from '../../design/page.tsx';
import { SECTION_NAMES } from '../../design/sections.ts';
import { SnapshotMarks } from '../../features/snapshots/snapshot-marks.tsx';
import { placeText } from '../../features/snapshots/snapshot-texts.ts';
import { DifferenceDrawer } from './difference-drawer.tsx';
import { DifferenceTable } from './difference-table.tsx';
import { useDownload } from './use-download.tsx';
import classes from './compare.module.css';
import { SectionCounts } from './section-counts.tsx';
import { summary } from './summary.ts';
import type { ComparisonWish } from './wish.ts';

type Kind = DifferenceView['kind'];

export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  added: 'Added',
  removed: 'Removed',
  changed: 'Changed',
};

/** All that differs: as a sentence, by section, and record by record. */
export function Comparison({
  comparison,
  wish,
  actions,
}: {
  comparison: ComparisonView;
  wish: ComparisonWish;
  actions: ReactNode;
}) {
  const [section, setSection] = useState<Section>();
  const [kinds, setKinds] = useState<string[]>([]);
  const [text, setText] = useState('');
  const [wanted] = useDebouncedValue(text.trim(), 150);
  const [opened, setOpened] = useState<DifferenceView>();
  const { left, right, equal, sections } = comparison;
  const filter = {
    left,
    right,
    ...(section && { sections: [section] }),
    ...(kinds.length > 0 && { kinds: DIFFERENCE_KINDS.filter((kind) => kinds.includes(kind)) }),
    ...(wanted !== '' && { text: wanted }),
    ...(comparison.declaredOnly && { declaredOnly: { extra: wish.extra } }),
  };
  const download = useDownload(comparison, filter);
  const unknown = SECTIONS.filter((one) => sections[one]?.unknown);
  return (
    <Page
      fill={!equal}
      title="Compare"
      lead={
        <>
          <SideText id={left} /> {'→'} <SideText id={right} />
        </>
      }
      actions={actions}
    >
      <div className={classes.above}>
        <p className={classes.sentence} role="status">
          {summary(comparison)}
        </p>
        {unknown.length > 0 && (
          <Text size="sm" c="dimmed">
            Unknown to one side and not compared:{' '}
            {unknown.map((one) => SECTION_NAMES[one].toLowerCase()).join(', ')}.
          </Text>
        )}
        {!equal && (
          <>
            <SectionCounts sections={sections} chosen={section} onChoose={setSection} />
            <div className={classes.filters}>
              <Chip.Group multiple value={kinds} onChange={setKinds}>
                <Group gap={6} role="group" aria-label="Kinds of difference">
                  {DIFFERENCE_KINDS.map((kind) => (
                    <Chip key={kind} value={kind} size="xs" radius="sm">
                      {KIND_NAMES[kind]}
                    </Chip>
                  ))}
                </Group>
              </Chip.Group>
              <TextInput
                flex="1 1 200px"
                size="xs"
                aria-label="Only records whose name contains"
                placeholder="Only records whose name contains …"
                leftSection={<IconSearch size={14} aria-hidden />}
                value={text}
                onChange={({ currentTarget: { value } }) => setText(value)}
                onKeyDown={({ key }) => key === 'Escape' && setText('')}
                spellCheck={false}
              />
              <Group gap={6}>
                {(['json', 'csv'] as const).map((format) => (
                  <Button
                    key={format}
                    size="compact-sm"
                    variant="default"
                    leftSection={<IconDownload size={14} aria-hidden />}
                    loading={download.running === format}
                    aria-label={`Save the differences that are listed as ${format.toUpperCase()}`}
                    onClick={() => void download.start(format)}
                  >
                    {format.toUpperCase()}
                  </Button>
                ))}
              </Group>
            </div>
            {download.notice}
          </>
        )}
      </div>
      {equal ? (
        <Empty title="Nothing differs">
          {comparison.declaredOnly
            ? 'The second side has everything that the first one declares.'
            : 'Every record that both sides know is the same in both, apart from ids and times, which differ between environments.'}
        </Empty>
      ) : (
        <DifferenceTable
          key={JSON.stringify(filter)}
          filter={filter}
          total={countOf(comparison, section, kinds, wanted)}
          onOpen={setOpened}
        />
      )}
      <DifferenceDrawer difference={opened} sides={{ left, right }} onClose={() => setOpened(undefined)} />
    </Page>
  );
}

/** How many fit, as the job has counted; undefined where only the list itself can tell. */
function countOf(
  { sections }: ComparisonView,
  section: Section | undefined,
  kinds: readonly string[],
  text: string,
): number | undefined {
  if (text !== '') return undefined;
  const wanted =
    kinds.length > 0 ? DIFFERENCE_KINDS.filter((kind) => kinds.includes(kind)) : DIFFERENCE_KINDS;
  let sum = 0;
  for (const one of section ? [section] : SECTIONS)
    for (const kind of wanted) sum += sections[one]?.[kind] ?? 0;
  return sum;
}

function SideText({ id }: { id: string }) {
  const api = useApi();
  const { data } = useQuery(api.engine.snapshots.get.queryOptions({ input: { snapshot: id } }));
  if (!data) return id;
  return (
    <Group component="span" display="inline-flex" gap={6}>
      <Anchor component={Link} href={`/snapshots/${id}`} size="sm">
        <Foreign>{placeText(data)}</Foreign>
      </Anchor>
      <Moment at={takenAt(data)} as="date" />
      <SnapshotMarks snapshot={data} />
    </Group>
  );
}
