import { Group, ScrollArea, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import classes from './page.module.css';

/** A screen: its title, what it is for, what can be done on it, and the rest, which scrolls. */
export function Page({
  title,
  lead,
  actions,
  children,
  fill = false,
}: {
  title: string;
  /** What this is, in a sentence. */
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** The children fill the height and scroll by themselves, as long tables do. */
  fill?: boolean;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Drawbridge`;
  }, [title]);
  useEffect(() => {
    // It has taken the place of one that had the focus, as that of a screen which was still loading.
    if (!document.activeElement || document.activeElement === document.body)
      heading.current?.focus({ preventScroll: true });
  }, []);
  const head = (
    <Group justify="space-between" align="flex-start" gap="sm" className={classes.head}>
      <Stack gap={2} className={classes.words}>
        <Title order={1} size="h2" tabIndex={-1} ref={heading} data-page-title>
          {title}
        </Title>
        {lead && (
          <Text c="dimmed" size="sm">
            {lead}
          </Text>
        )}
      </Stack>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
  if (fill)
    return (
      <div className={classes.filled}>
        {head}
        <div className={classes.rest}>{children}</div>
      </div>
    );
  return (
    <ScrollArea className={classes.scrolled} type="auto" viewportProps={{ tabIndex: -1 }}>
      <div className={classes.page}>
        {head}
        <Stack gap="lg">{children}</Stack>
      </div>
    </ScrollArea>
  );
}

/** A part of a page with a heading of its own. */
export function Section({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={classes.section} aria-label={title}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {actions}
      </Group>
      {children}
    </section>
  );
}

/** Stands where something will be: in its shape, not turning. */
export function Waiting({ lines = 3 }: { lines?: number }) {
  return (
    <Stack gap="xs" role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={18} width={`${90 - ((line * 17) % 45)}%`} />
      ))}
    </Stack>
  );
}
