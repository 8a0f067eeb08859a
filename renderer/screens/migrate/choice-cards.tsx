import { Group, Radio, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './choice-cards.module.css';

export interface Choice<V extends string> {
  readonly value: V;
  readonly title: ReactNode;
  /** What follows from it, in a sentence. */
  readonly text?: ReactNode;
  readonly badge?: ReactNode;
}

/** One of several, each with what follows from it. */
export function ChoiceCards<V extends string>({
  label,
  choices,
  value,
  onChange,
  columns = 1,
}: {
  label: string;
  choices: readonly Choice<V>[];
  value: V | undefined;
  onChange: (value: V) => void;
  columns?: 1 | 2;
}) {
  return (
    <Radio.Group
      label={label}
      labelProps={{ className: classes.label }}
      value={value ?? null}
      onChange={onChange}
    >
      <div className={classes.choices} data-columns={columns}>
        {choices.map(({ value: of, title, text, badge }) => (
          <Radio.Card key={of} value={of} className={classes.choice} radius="sm" data-value={of}>
            <Group wrap="nowrap" align="flex-start" gap="sm">
              <Radio.Indicator mt={2} />
              <Stack gap={2} miw={0} flex={1}>
                <Group gap="xs">
                  <Text size="sm" fw={500}>
                    {title}
                  </Text>
                  {badge}
                </Group>
                {text && (
                  <Text size="sm" c="dimmed">
                    {text}
                  </Text>
                )}
              </Stack>
            </Group>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}
