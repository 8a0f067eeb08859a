import { Anchor, Collapse, Text } from '@mantine/core';
import { useId, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { Foreign } from '../../design/foreign.tsx';
import { bytes, counted, exactMoment } from '../../design/moments.ts';
import { Told } from '../../design/told.tsx';
import { CHANNELS, missingTexts, purposeText, windowText } from '../../snapshots/snapshot-texts.ts';
import classes from './snapshot.module.css';
import toggles from './toggle.module.css';

/** What a snapshot says of itself. In front what it does not contain, the rest when it is asked for. */
export function Facts({ snapshot }: { snapshot: SnapshotView }) {
  const [opened, setOpened] = useState(false);
  const id = useId();
  const missing = missingTexts(snapshot);
  return (
    <div>
      <Text size="sm" component="div">
        {missing.length === 0
          ? 'It contains everything that its source has of the realm. '
          : `It does not contain everything: ${missing.length === 1 ? '' : `${counted(missing.length, 'thing')} `}`}
        {missing.length === 1 && (
          <>
            <Told>{missing[0]!}</Told>{' '}
          </>
        )}
        {missing.length > 1 && 'are told below. '}
        <button
          type="button"
          className={toggles.toggle}
          aria-expanded={opened}
          aria-controls={id}
          onClick={() => setOpened(!opened)}
        >
          {opened ? 'Show less' : 'Show all that is known of it'}
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
          {snapshot.warnings.map((warning) => (
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
  const window = windowText(snapshot);
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
            'Secrets',
            `passwords ${pseudonymized.passwords}, client secrets ${pseudonymized.clientSecrets}`,
          ] satisfies [string, ReactNode],
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
