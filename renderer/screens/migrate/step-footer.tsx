import { Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { STEPS, stepsOf, type Step } from './draft.ts';
import { useWizard } from './use-wizard.ts';
import classes from './walk.module.css';

/** The way on and the way back, and why it does not go on. */
export function StepFooter({
  step,
  next = 'Next',
  blocked,
  onNext,
  beside,
}: {
  step: Step;
  next?: string;
  /** Why one cannot go on yet, as a sentence. */
  blocked?: string | undefined;
  /** By default: the next step. */
  onNext?: () => void;
  /** Another way on, in front of the usual one. */
  beside?: ReactNode;
}) {
  const [, navigate] = useLocation();
  const { draft } = useWizard();
  const before = STEPS[STEPS.indexOf(step) - 1];
  const after = STEPS[STEPS.indexOf(step) + 1];
  const backwards = before !== undefined && stepsOf(draft).includes(before);
  return (
    <Group className={classes.footer} justify="space-between" gap="sm">
      <Group gap="xs">
        {backwards && (
          <Button variant="default" onClick={() => navigate(`/migrate/${before}`)}>
            Back
          </Button>
        )}
      </Group>
      <Group gap="sm">
        {blocked !== undefined && (
          <Text size="sm" c="dimmed" id="why-not">
            {blocked}
          </Text>
        )}
        {beside}
        <Button
          disabled={blocked !== undefined}
          aria-describedby={blocked === undefined ? undefined : 'why-not'}
          onClick={() => (onNext ? onNext() : navigate(`/migrate/${after}`))}
        >
          {next}
        </Button>
      </Group>
    </Group>
  );
}
