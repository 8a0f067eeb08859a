import { Stack, Text, Title } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Mark } from '../../design/mark.tsx';
import classes from './entry-frame.module.css';

/** What is shown before the program itself: which step of the way, and the step. */
export function EntryFrame({
  title,
  lead,
  steps,
  children,
}: {
  title: string;
  lead?: ReactNode;
  steps?: { readonly names: readonly string[]; readonly now: number };
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Drawbridge`;
    // A reader begins at the new step, unless a field has taken the focus already.
    if (!document.activeElement || document.activeElement === document.body) heading.current?.focus();
  }, [title]);
  return (
    <div className={classes.frame}>
      <aside className={classes.rail} aria-label="Drawbridge">
        <div className={classes.brand}>
          <Mark size={36} />
          <span>Drawbridge</span>
        </div>
        {steps && (
          <ol className={classes.steps} aria-label="Steps">
            {steps.names.map((name, at) => (
              <li
                key={name}
                className={classes.step}
                data-state={at < steps.now ? 'done' : at === steps.now ? 'now' : 'later'}
                aria-current={at === steps.now ? 'step' : undefined}
              >
                <span className={classes.dot} aria-hidden>
                  {at < steps.now ? <IconCheck size={12} stroke={3} /> : at + 1}
                </span>
                {name}
              </li>
            ))}
          </ol>
        )}
      </aside>
      <main className={classes.main}>
        <Stack className={classes.content} gap="lg">
          <Stack gap={6}>
            <Title order={1} size="h2" tabIndex={-1} ref={heading} data-page-title>
              {title}
            </Title>
            {lead && (
              <Text c="dimmed" size="sm" component="div">
                {lead}
              </Text>
            )}
          </Stack>
          {children}
        </Stack>
      </main>
    </div>
  );
}
