import { Badge, Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleHalf2,
  IconEqual,
  IconMasksTheater,
  IconPinFilled,
  IconTag,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { andMore } from '../../design/and-more.ts';
import { Foreign } from '../../design/foreign.tsx';
import { counted } from '../../design/moments.ts';
import { missingTexts, PURPOSES } from './snapshot-texts.ts';
import { COPY_MEANING } from './what-a-copy-is.tsx';
import { windowText } from '../../wording/window-words.ts';

/** Of its warnings; all are on its own screen. */
const TOLD = 5;

/** What has to be known of a snapshot before it is used, in a word each; the whole sentence when it is pointed at. */
export function SnapshotMarks({ snapshot }: { snapshot: SnapshotView }) {
  const { complete, inconsistent, pseudonymized, purpose, unchanged, pinned, tags, warnings } = snapshot;
  const missing = missingTexts(snapshot);
  return (
    <>
      {inconsistent !== undefined && (
        <Mark icon={IconAlertTriangle} color="brick" text="not consistent" meaning={inconsistent} />
      )}
      {!complete && inconsistent === undefined && !pseudonymized && (
        <Mark
          icon={IconCircleHalf2}
          color="amber"
          text="not whole"
          meaning={missing.join(' ') || 'Only a part of the realm was captured.'}
        />
      )}
      {warnings.length > 0 && (
        <Mark
          icon={IconAlertTriangle}
          color="amber"
          text={counted(warnings.length, 'warning')}
          meaning={[...warnings.slice(0, TOLD), andMore(warnings.length, TOLD)].join(' ')}
        />
      )}
      {pseudonymized && (
        <Mark icon={IconMasksTheater} color="amber" text="pseudonymised" meaning={COPY_MEANING} />
      )}
      {purpose !== 'backup' && purpose !== 'import' && (
        <Mark color="slate" text={AROUND[purpose]} meaning={`Taken as ${PURPOSES[purpose]}.`} />
      )}
      {unchanged && (
        <Mark
          icon={IconEqual}
          color="moss"
          text="unchanged"
          meaning={`The same as snapshot ${snapshot.unchangedSince ?? 'before'}: nothing was stored twice.`}
        />
      )}
      {pinned && <Mark icon={IconPinFilled} color="moat" text="pinned" meaning="No retention lets it go." />}
      {tags.map((tag) => (
        <Badge
          key={tag}
          variant="outline"
          color="slate"
          radius="xs"
          tt="none"
          maw={180}
          leftSection={<IconTag size={11} aria-hidden />}
        >
          <Foreign>{tag}</Foreign>
        </Badge>
      ))}
    </>
  );
}

const AROUND = { target: 'preview', safety: 'before a change', verification: 'after a change' } as const;

function Mark({
  icon: Icon,
  color,
  text,
  meaning,
}: {
  icon?: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  color: string;
  text: string;
  meaning: string;
}) {
  return (
    <Tooltip label={<Foreign>{windowText(meaning)}</Foreign>} multiline maw={420} openDelay={200}>
      <Badge
        color={color}
        variant="light"
        radius="xs"
        tt="none"
        leftSection={Icon && <Icon size={12} aria-hidden />}
      >
        {text}
      </Badge>
    </Tooltip>
  );
}
