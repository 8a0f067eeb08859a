import { Anchor, Button, List, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { JobReport, JobView } from '../../../contract/job.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { quoted } from '../../../contract/visible.ts';
import { andMore } from '../../design/and-more.ts';
import { Foreign } from '../../design/foreign.tsx';
import { bytes, counted } from '../../design/moments.ts';
import { Section } from '../../design/page.tsx';
import { Told } from '../../design/told.tsx';
import { AlreadyThere } from '../../features/snapshots/already-there.tsx';
import { queryOf, wishAgain } from '../compare/wish.ts';

/**
 * What a job came to that is no apply, and where to go from there.
 *
 * @param asked what it was started with; undefined: it is not known yet
 */
export function JobOutcome({
  job: { kind, result },
  asked,
}: {
  job: JobView;
  asked: JobReport['asked'] | undefined;
}) {
  switch (result?.kind) {
    case 'backup':
      return (
        <Section title={counted(result.snapshots.length, 'snapshot')}>
          <Snapshots snapshots={result.snapshots} />
        </Section>
      );
    case 'import-file':
      return (
        <Section
          title={result.snapshots.length === 0 ? 'Nothing new' : counted(result.snapshots.length, 'snapshot')}
        >
          {result.snapshots.length > 0 && <Snapshots snapshots={result.snapshots} />}
          {result.alreadyThere.length > 0 && (
            <List size="sm" spacing={4}>
              <AlreadyThere of={result.alreadyThere} />
            </List>
          )}
        </Section>
      );
    case 'pseudonymize':
      return (
        <Section title="The copy">
          <Snapshots snapshots={[result.snapshot]} />
        </Section>
      );
    case 'plan':
    case 'rollback-plan':
    case 'retry-plan':
      return (
        <Section title="The preview">
          <Text size="sm" mb="sm">
            {result.plan.applied
              ? 'This plan was carried out.'
              : 'Nothing was changed yet. The plan is kept and can be looked at and carried out.'}
          </Text>
          {!result.plan.applied && (
            <Button component={Link} href={`/migrate?plan=${result.plan.plan}`} variant="default">
              Open the preview
            </Button>
          )}
        </Section>
      );
    case 'export-file':
    case 'export-archive':
      return (
        <Section title="The file">
          <Text size="sm">
            <Foreign whole>{result.path}</Foreign>, {bytes(result.bytes)}
          </Text>
          {result.notes.length > 0 && (
            <List size="sm" mt="xs">
              {result.notes.map((note) => (
                <List.Item key={note}>
                  <Told whole>{note}</Told>
                </List.Item>
              ))}
            </List>
          )}
        </Section>
      );
    case 'catalog-backup':
      return (
        <Section title="The copy">
          <Text size="sm">
            <Foreign whole>{result.path}</Foreign>, {bytes(result.bytes)}. All of it was proved:{' '}
            {counted(result.snapshots, 'snapshot')}, {counted(result.chunks, 'chunk')}.
          </Text>
        </Section>
      );
    case 'verify':
      return (
        <Section title="What was found">
          <Text size="sm">
            {counted(result.report.snapshots, 'snapshot')}, {counted(result.report.chunks, 'chunk')} and{' '}
            {bytes(result.report.bytes)} were proved.{' '}
            {result.report.damaged.length === 0
              ? 'Everything is whole.'
              : `${counted(result.report.damaged.length, 'part is', 'parts are')} damaged:`}
          </Text>
          <List size="sm" mt="xs">
            {result.report.damaged.slice(0, MOST_DAMAGED).map(({ text }, at) => (
              <List.Item key={at}>
                <Told whole>{text}</Told>
              </List.Item>
            ))}
            {result.report.damaged.length > MOST_DAMAGED && (
              <List.Item>
                {andMore(result.report.damaged.length, MOST_DAMAGED)}: the report has them all.
              </List.Item>
            )}
          </List>
        </Section>
      );
    case 'diff':
      return (
        <Section title="The comparison">
          <Text size="sm">
            {result.comparison.equal ? 'Nothing differs.' : 'The two differ.'}{' '}
            <Anchor
              component={Link}
              href={`/compare?${new URLSearchParams(queryOf(wishAgain(result.comparison, { kind, ...asked })))}`}
              underline="always"
            >
              Compare them again
            </Anchor>{' '}
            to see in what.
          </Text>
        </Section>
      );
    case 'prune':
      return (
        <Section title="What was pruned">
          <Text size="sm">The report has every snapshot that went, and why.</Text>
        </Section>
      );
    default:
      return null;
  }
}

/** How many damaged parts are told one by one. */
const MOST_DAMAGED = 100;

function Snapshots({ snapshots }: { snapshots: readonly SnapshotView[] }) {
  return (
    <List size="sm" spacing={4}>
      {snapshots.map((snapshot) => (
        <List.Item key={snapshot.id}>
          <Anchor component={Link} href={`/snapshots/${snapshot.id}`} underline="always">
            {snapshot.id}
          </Anchor>{' '}
          <Foreign>
            {`of realm ${quoted(snapshot.realm)}${snapshot.environment === undefined ? '' : ` on ${quoted(snapshot.environment)}`}`}
          </Foreign>
          {snapshot.unchanged && ', unchanged'}
          {!snapshot.complete && ', not whole'}
          {snapshot.warnings.map((warning) => (
            <Text size="sm" key={warning}>
              <Told>{warning}</Told>
            </Text>
          ))}
        </List.Item>
      ))}
    </List>
  );
}
