import { Alert, Anchor, Collapse, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useId, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { Foreign } from '../../design/foreign.tsx';
import { bytes, counted, exactMoment } from '../../design/moments.ts';
import { Told } from '../../design/told.tsx';
import {
  CHANNELS,
  missingTexts,
  momentsText,
  purposeText,
  wholeText,
} from '../../features/snapshots/snapshot-texts.ts';
import classes from './snapshot.module.css';
import toggles from './toggle.module.css';

/** What a snapshot says of itself. In front what it does not contain, the rest when it is asked for. */
export function Facts({ snapshot }: { snapshot: SnapshotView }) {
  const [opened, setOpened] = useState(false);
  const id = useId();
  const missing = missingTexts(snapshot);
  const { warnings } = snapshot;
  const inFront = warnings.slice(0, MOST_IN_FRONT);
  return (
    <div>
      {inFront.length > 0 && (
        <Alert
          color="amber"
          variant="light"
          icon={<IconAlertTriangle aria-hidden />}
          aria-label="What is to be known of it"
          mb="xs"
          py="xs"
        >
          {inFront.map((warning) => (
            <Text size="sm" key={warning}>
              <Told>{warning}</Told>
            </Text>
          ))}
          {warnings.length > MOST_IN_FRONT && (
            <Text size="sm">
              {counted(warnings.length - MOST_IN_FRONT, 'more warning')} with all that is known of it.
            </Text>
          )}
        </Alert>
      )}
      <Text size="sm" component="div">
        {wholeText(snapshot, missing.length)}{' '}
        {missing.length === 1 && (
          <>
            <Told>{missing[0]!}</Told>{' '}
          </>
        )}
        <button
          type="button"
          className={toggles.toggle}
          aria-expanded={opened}
          aria-controls={id}
          onClick={() => setOpened(!opened)}
        >
          {opened
            ? 'Show less'
            : missing.length > 1
              ? 'Show what it lacks, and all else that is known of it'
              : 'Show all that is known of it'}
        </button>
      </Text>
      <Collapse expanded={opened} id={id}>
        <dl className={classes.facts}>
          {facts(snapshot).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          {missing.length > 0 && (
            <div className={classes.wide}>
              <dt>Not contained</dt>
              <dd>
                <ul className={classes.missing}>
                  {missing.map((text) => (
                    <li key={text}>
                      <Told>{text}</Told>
                    </li>
                  ))}
                </ul>
              </dd>
            </div>
          )}
          {warnings.slice(MOST_IN_FRONT).map((warning) => (
            <div key={warning} className={classes.wide}>
              <dt>Warning</dt>
              <dd>
                <Told>{warning}</Told>
              </dd>
            </div>
          ))}
        </dl>
      </Collapse>
    </div>
  );
}

/** Warnings that stand before everything else. */
const MOST_IN_FRONT = 3;

type OfCopy = NonNullable<SnapshotView['pseudonymized']>;

const PASSWORDS_OF_COPY: Readonly<Record<OfCopy['passwords'], string>> = {
  removed: 'taken out: nobody can log in with one',
  replaced: 'everybody who had one has the one that was given for the copy',
};
const SECRETS_OF_COPY: Readonly<Record<OfCopy['clientSecrets'], string>> = {
  removed: 'taken out: a target keeps its own',
  replaced: 'every client that had one has the one that was given for the copy',
};

function facts(snapshot: SnapshotView): [string, ReactNode][] {
  const {
    id,
    channel,
    dialect,
    serverVersion,
    archived,
    pseudonymized,
    retries,
    root,
    note,
    unchangedSince,
  } = snapshot;
  const window = momentsText(snapshot);
  return [
    ['Snapshot', <code key="id">{id}</code>],
    [archived ? 'Imported' : 'Taken', exactMoment(snapshot.finishedAt)],
    ...(window === undefined ? [] : [['It shows', window] satisfies [string, ReactNode]]),
    ['What it is', purposeText(snapshot)],
    [
      'Channel',
      <Foreign key="channel">
        {`${CHANNELS[channel]}, ${dialect}${serverVersion === undefined ? '' : `, version ${serverVersion}`}`}
      </Foreign>,
    ],
    ['Size', bytes(snapshot.bytes)],
    ...(archived
      ? [
          [
            'In the archive',
            `snapshot ${archived.snapshot}, taken ${exactMoment(archived.finishedAt)}`,
          ] satisfies [string, ReactNode],
        ]
      : []),
    ...(pseudonymized
      ? [
          [
            'Copy of',
            <Anchor component={Link} size="sm" key="of" href={`/snapshots/${pseudonymized.snapshot}`}>
              {pseudonymized.snapshot}
            </Anchor>,
          ] satisfies [string, ReactNode],
          [
            'People',
            `made up, and not to be turned back into the real ones; the domains of their addresses are ${pseudonymized.keepDomains ? 'the real ones' : 'made up too'}`,
          ] satisfies [string, ReactNode],
          ['Passwords', PASSWORDS_OF_COPY[pseudonymized.passwords]] satisfies [string, ReactNode],
          ['Client secrets', SECRETS_OF_COPY[pseudonymized.clientSecrets]] satisfies [string, ReactNode],
        ]
      : []),
    ...(unchangedSince === undefined
      ? []
      : [
          [
            'Unchanged since',
            <Anchor component={Link} size="sm" key="since" href={`/snapshots/${unchangedSince}`}>
              {unchangedSince}
            </Anchor>,
          ] satisfies [string, ReactNode],
        ]),
    ...(retries === undefined
      ? []
      : [['Repeated', `${counted(retries, 'call')}, after failures`] satisfies [string, ReactNode]]),
    ...(note === undefined
      ? []
      : [['Note', <Foreign key="note">{note}</Foreign>] satisfies [string, ReactNode]]),
    ['Root', <code key="root">{root}</code>],
  ];
}
