import { Progress, Table } from '@mantine/core';
import type { JobProgress } from '../../../contract/job.ts';
import type { PlanView } from '../../../contract/plan.ts';
import { SECTIONS, type Section } from '../../../contract/sections.ts';
import { count } from '../../design/moments.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import classes from './section-progress.module.css';

/** What is written of each section, against what the plan has for it. */
export function SectionProgress({
  plan,
  progress,
  finished,
}: {
  plan: PlanView;
  progress: JobProgress | undefined;
  /** Everything was written. */
  finished: boolean;
}) {
  const rows = SECTIONS.flatMap((section) => {
    const of = plannedWrites(plan, section);
    if (of === 0) return [];
    const done = finished ? of : Math.min(of, progress?.sections?.[section] ?? (isPast(progress) ? of : 0));
    return [{ section, of, done }];
  });
  if (rows.length === 0) return null;
  return (
    <Table className={classes.sections} aria-label="Written so far, by section">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Section</Table.Th>
          <Table.Th scope="col" className={classes.number}>
            Written
          </Table.Th>
          <Table.Th scope="col" className={classes.number}>
            Planned
          </Table.Th>
          <Table.Th scope="col" className={classes.bar}>
            Share
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ section, of, done }) => (
          <Table.Tr key={section}>
            <Table.Th scope="row" fw={400}>
              {SECTION_NAMES[section]}
            </Table.Th>
            <Table.Td className={classes.number}>{count(done)}</Table.Td>
            <Table.Td className={classes.number}>{count(of)}</Table.Td>
            <Table.Td>
              <Progress
                value={(100 * done) / of}
                size="sm"
                radius="xs"
                color={done === of ? 'moss' : 'moat'}
                aria-label={`${SECTION_NAMES[section]}: ${count(done)} of ${count(of)} written`}
              />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Writing is over when it is verified. */
function isPast(progress: JobProgress | undefined): boolean {
  return progress?.phase === 'Verifying';
}

/** An overwrite writes also what stays the same. */
function plannedWrites({ sections, mode }: PlanView, section: Section): number {
  const counts = sections[section];
  if (!counts) return 0;
  return counts.create + counts.update + counts.delete + (mode === 'overwrite' ? counts.unchanged : 0);
}
