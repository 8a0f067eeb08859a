import { Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleX } from '@tabler/icons-react';
import type { ProbeView } from '../../../contract/environment.ts';
import { Foreign } from '../../design/foreign.tsx';
import classes from './probe-steps.module.css';

const VERDICTS = {
  ok: { icon: IconCircleCheck, word: 'ok' },
  finding: { icon: IconAlertTriangle, word: 'note' },
  failed: { icon: IconCircleX, word: 'failed' },
  skipped: { icon: IconCircleDashed, word: 'skipped' },
} as const;

/** What a test found, step by step. */
export function ProbeSteps({ probe: { usable, steps } }: { probe: ProbeView }) {
  const findings = steps.filter(({ verdict }) => verdict === 'finding').length;
  return (
    <div>
      <Text fw={600} size="sm" role="status" data-usable={usable}>
        {usable
          ? `It can be used.${findings > 0 ? ` ${findings === 1 ? 'One thing' : `${findings} things`} should be known:` : ''}`
          : 'It cannot be used like this.'}
      </Text>
      <ol className={classes.steps}>
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
                  <Foreign>{text}</Foreign>
                </Text>
              </div>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
