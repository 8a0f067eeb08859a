import { Group, Skeleton, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleX } from '@tabler/icons-react';
import type { ProbeView } from '../../../contract/environment.ts';
import { Foreign } from '../../design/foreign.tsx';
import { Told } from '../../design/told.tsx';
import classes from './probe-steps.module.css';

const VERDICTS = {
  ok: { icon: IconCircleCheck, word: 'ok' },
  finding: { icon: IconAlertTriangle, word: 'note' },
  failed: { icon: IconCircleX, word: 'failed' },
  skipped: { icon: IconCircleDashed, word: 'skipped' },
} as const;

/** What a test found. */
export function ProbeSteps({ probe: { usable, steps } }: { probe: ProbeView }) {
  const findings = steps.filter(({ verdict }) => verdict === 'finding').length;
  const known = findings === 1 ? ' One thing should be known:' : ` ${findings} things should be known:`;
  return (
    <div>
      <Text fw={600} size="sm" role="status" data-usable={usable}>
        {usable ? `It can be used.${findings > 0 ? known : ''}` : 'It cannot be used like this.'}
      </Text>
      <StepList steps={steps} />
    </div>
  );
}

/** The steps of a test, in their order; the next one is still to come while it goes on. */
export function StepList({ steps, going = false }: { steps: ProbeView['steps']; going?: boolean }) {
  return (
    <ol className={classes.steps} aria-busy={going}>
      {steps.map(({ name, verdict, text }) => {
        const { icon: Icon, word } = VERDICTS[verdict];
        return (
          <li key={name} data-verdict={verdict}>
            <Icon size={16} aria-hidden />
            <div>
              <Group gap={6}>
                <Text size="xs" fw={600}>
                  <Foreign>{name}</Foreign>
                </Text>
                {verdict !== 'ok' && (
                  <Text size="xs" className={classes.word}>
                    {word}
                  </Text>
                )}
              </Group>
              <Text size="xs" c="dimmed">
                <Told>{text}</Told>
              </Text>
            </div>
          </li>
        );
      })}
      {going && (
        <li aria-hidden>
          <Skeleton circle height={16} />
          <div>
            <Skeleton height={12} width="30%" mb={6} />
            <Skeleton height={12} width="80%" />
          </div>
        </li>
      )}
    </ol>
  );
}
