import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './empty.module.css';

/** Where there is nothing yet: what will be here, why one would want it, and how it comes. */
export function Empty({
  title,
  children,
  actions,
}: {
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <Stack className={classes.empty} gap="xs" align="flex-start">
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" size="sm" maw="62ch" component="div">
        {children}
      </Text>
      {actions && <Group mt="sm">{actions}</Group>}
    </Stack>
  );
}
