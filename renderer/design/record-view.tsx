import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { Section } from '../../contract/sections.ts';
import { visible } from '../../contract/visible.ts';
import { CopyText } from './copy-text.tsx';
import { Foreign } from './foreign.tsx';
import { count } from './moments.ts';
import classes from './record-view.module.css';
import { SecretBadge } from './secret-badge.tsx';
import { Value } from './value.tsx';

export interface RecordViewProps {
  readonly section: Section;
  readonly record: Readonly<Record<string, unknown>>;
  /** Members of which its source told nothing: that they are not there says nothing. */
  readonly unknown: ReadonlySet<string>;
}

/** A record of a realm: its members one below the other, or as the JSON that it is. Secrets are their states in both. */
export function RecordView({ section, record, unknown }: RecordViewProps) {
  const [view, setView] = useState('members');
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          aria-label="How to show the record"
          value={view}
          onChange={setView}
          data={[
            { value: 'members', label: 'Members' },
            { value: 'raw', label: 'JSON' },
          ]}
        />
        <CopyText text={JSON.stringify(record, null, 2)} label="Copy JSON" size="compact-xs" />
      </Group>
      {view === 'raw' ? (
        <RawRecord record={record} />
      ) : (
        <Members section={section} record={record} unknown={unknown} />
      )}
    </Stack>
  );
}

function Members({ section, record, unknown }: RecordViewProps) {
  const members = Object.entries(record);
  const absent = absentSecrets(section, record);
  return (
    <dl className={classes.members}>
      {members.map(([member, value]) => (
        <div key={member}>
          <dt>
            <Foreign>{member}</Foreign>
          </dt>
          <dd>
            <Value value={value} />
          </dd>
        </div>
      ))}
      {absent
        .filter((member) => !unknown.has(member))
        .map((member) => (
          <div key={member}>
            <dt>{member}</dt>
            <dd>
              <SecretBadge state="absent" />
            </dd>
          </div>
        ))}
      {[...unknown]
        .filter((member) => !(member in record))
        .map((member) => (
          <div key={member}>
            <dt>
              <Foreign>{member}</Foreign>
            </dt>
            <dd>
              <Text span size="sm" c="dimmed" fs="italic">
                not known: the source does not tell it
              </Text>
            </dd>
          </div>
        ))}
    </dl>
  );
}

/** Secrets that such a record can have, and this one has not. */
function absentSecrets(section: Section, record: Readonly<Record<string, unknown>>): string[] {
  const has = (member: string): boolean => record[member] !== undefined;
  if (section === 'credentials' && !has('secretHash')) return ['secretHash'];
  if (section === 'clients' && record['publicClient'] !== true && !has('clientSecret') && !has('secretHash'))
    return ['clientSecret'];
  return [];
}

/** What one record may take of a window. Longer ones are exported, not read. */
const LONGEST_LINE = 20_000;
const MOST_LINES = 2_000;

function RawRecord({ record }: { record: Readonly<Record<string, unknown>> }) {
  const lines = JSON.stringify(record, null, 2).split('\n');
  const rest = lines.length - MOST_LINES;
  return (
    <pre className={classes.raw}>
      {lines.slice(0, MOST_LINES).map((line, nth) => (
        // Lines of a record stand still while they are shown.
        // oxlint-disable-next-line react/no-array-index-key
        <bdi key={nth} className={classes.rawLine}>
          {visible(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line)}
        </bdi>
      ))}
      {rest > 0 && `… and ${count(rest)} more lines`}
    </pre>
  );
}
