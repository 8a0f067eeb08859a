import { Alert, Anchor, List, Stack, Table, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { ApplyResult } from '../../../contract/job.ts';
import { findingsApart } from '../../../contract/source-findings.ts';
import { quoted } from '../../../contract/visible.ts';
import { Foreign } from '../../design/foreign.tsx';
import { count, counted } from '../../design/moments.ts';
import { SECTION_NAMES } from '../../design/sections.ts';
import { Told } from '../../design/told.tsx';
import classes from './apply-outcome.module.css';

/** What a job wrote: verified or not, the counts, what is not as promised, and what a person must do. */
export function ApplyOutcome({ result }: { result: ApplyResult }) {
  const { tone, title, text } = verdictOf(result);
  const { ofSource, others } = findingsApart(result.todo);
  return (
    <Stack gap="md">
      <Alert
        color={tone}
        variant="light"
        icon={tone === 'moss' ? <IconCircleCheck aria-hidden /> : <IconAlertTriangle aria-hidden />}
        title={title}
        data-verdict={result.verified ? 'verified' : 'not-verified'}
        role="status"
      >
        <Foreign>{text}</Foreign>
      </Alert>
      <Todo sentences={others} />
      <Counts result={result} />
      <Deviations result={result} />
      <OfSource findings={ofSource} />
      <SafetySnapshot snapshot={result.safetySnapshot} realm={result.realm} />
    </Stack>
  );
}

function verdictOf(result: ApplyResult): { tone: 'moss' | 'amber' | 'brick'; title: string; text: string } {
  const { verified, failures, deviationCount, verificationSnapshot, undid, todo, status, leftOut } = result;
  const where = `Realm ${quoted(result.realm)} on ${quoted(result.environment)}`;
  if (status === 'exists')
    return { tone: 'moss', title: 'Already there', text: `${where} exists. It was left alone.` };
  const left = leftOut
    ? `${counted(leftOut.count, 'record')} of the file ${leftOut.count === 1 ? 'was' : 'were'} left out`
    : undefined;
  if (status === 'nothing-to-do' && left !== undefined)
    return {
      tone: 'amber',
      title: `Nothing was written, and ${left}`,
      text: `${where} was already as promised in everything else.`,
    };
  if (status === 'nothing-to-do')
    return { tone: 'moss', title: 'Nothing to do', text: `${where} was already as promised.` };
  if (failures > 0) {
    const rest = deviationCount === 0 && verificationSnapshot !== null;
    return {
      tone: 'amber',
      title: `Finished, but ${counted(failures, 'record')} failed${left === undefined ? '' : `, and ${left}`}`,
      text: `${where}${rest ? ': everything else was read again and is as promised.' : ' was written in part.'}`,
    };
  }
  const within = todo.length === 0 ? '' : ' in all that the plan promised';
  if (verified && undid !== undefined)
    return {
      tone: 'moss',
      title: 'Undone and verified',
      text: `${where}, read again, is as it was before job ${undid}${within}.`,
    };
  if (verified && left !== undefined)
    return {
      tone: 'amber',
      title: `Done and verified, but ${left}`,
      text: `${where}, read again, is as promised in everything else.`,
    };
  if (verified)
    return {
      tone: 'moss',
      title: 'Done and verified',
      text: `${where}, read again, is as the plan promised.`,
    };
  if (deviationCount === 0)
    return {
      tone: 'amber',
      title: 'Done, but only verified in part',
      text: `${where} could not be read again as a whole.`,
    };
  return {
    tone: 'brick',
    title: 'Done, but not as promised',
    text: `${where}, read again, differs from the plan in ${counted(deviationCount, 'record')}.`,
  };
}

/** What a person must do now, or must know who uses the target from now on. */
function Todo({ sentences }: { sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <Alert
      color="moat"
      variant="light"
      icon={<IconInfoCircle aria-hidden />}
      title="What to mind now"
      role="note"
    >
      <List size="sm" spacing={4}>
        {sentences.map((sentence) => (
          <List.Item key={sentence}>
            <Told whole>{sentence}</Told>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** Known before, and nothing to be done about on the target. */
function OfSource({ findings }: { findings: readonly string[] }) {
  if (findings.length === 0) return null;
  return (
    <section aria-label="What the source’s snapshot says of itself">
      <Text size="sm" c="dimmed">
        The source’s snapshot says of itself:
      </Text>
      <List size="sm" c="dimmed" spacing={4}>
        {findings.map((finding) => (
          <List.Item key={finding}>
            <Told whole>{finding}</Told>
          </List.Item>
        ))}
      </List>
    </section>
  );
}

function Counts({ result: { counts } }: { result: ApplyResult }) {
  const shown = (
    [
      ['Created', counts.create],
      ['Changed', counts.update],
      ['Deleted', counts.delete],
      ['Unchanged', counts.unchanged],
      ['Left out', counts.skip],
      ['Failed', counts.failed],
      ['Calls repeated', counts.retries],
    ] as const
  ).filter(([, number]) => number > 0);
  if (shown.length === 0) return null;
  return (
    <dl className={classes.counts}>
      {shown.map(([name, number]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{count(number)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Deviations({ result: { deviations, deviationCount } }: { result: ApplyResult }) {
  if (deviationCount === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        Not as promised, in {counted(deviationCount, 'record')}
      </Title>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Record</Table.Th>
            <Table.Th scope="col">What is so</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {deviations.map(({ section, key, kind, members }) => (
            <Table.Tr key={`${section}/${key}`}>
              <Table.Td>
                {SECTION_NAMES[section]}: <Foreign>{key}</Foreign>
              </Table.Td>
              <Table.Td>
                <Foreign>{`${kind}${members.length === 0 ? '' : `: ${members.join(', ')}`}`}</Foreign>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {deviationCount > deviations.length && (
        <Text size="sm" c="dimmed">
          And {count(deviationCount - deviations.length)} more.
        </Text>
      )}
    </Stack>
  );
}

export function SafetySnapshot({ snapshot, realm }: { snapshot: string | null; realm: string }) {
  if (snapshot === null)
    return (
      <Text size="sm" c="dimmed">
        There was no realm <Foreign>{quoted(realm)}</Foreign> before.
      </Text>
    );
  return (
    <Text size="sm">
      The realm as it was before is kept as{' '}
      <Anchor component={Link} href={`/snapshots/${snapshot}`} underline="always">
        safety snapshot {snapshot}
      </Anchor>
      .
    </Text>
  );
}
