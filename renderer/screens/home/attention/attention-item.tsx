import { Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ErrorNotice } from '../../../design/error-notice.tsx';
import classes from '../home.module.css';

/** One thing to look at: what it is, and what can be done. */
export function AttentionItem({
  severity,
  title,
  children,
  actions,
  error,
}: {
  severity: 'severe' | 'notice';
  title: ReactNode;
  children?: ReactNode;
  actions: ReactNode;
  error?: unknown;
}) {
  const Icon = severity === 'severe' ? IconAlertTriangle : IconInfoCircle;
  return (
    <li data-severity={severity}>
      <Icon size={18} className={classes.mark} aria-hidden />
      <div className={classes.body}>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div>
            <Text size="sm" fw={600} component="div">
              {title}
            </Text>
            {children && (
              <Text size="sm" c="dimmed" component="div">
                {children}
              </Text>
            )}
          </div>
          <Group gap="xs" wrap="nowrap">
            {actions}
          </Group>
        </Group>
        <ErrorNotice error={error} />
      </div>
    </li>
  );
}
