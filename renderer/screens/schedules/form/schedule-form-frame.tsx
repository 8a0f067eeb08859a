import { Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { ErrorNotice } from '../../../design/error-notice.tsx';
import { issuesOf, refusedAt, type ScheduleForm, type ScheduleIssues } from './schedule-form.ts';

/** A form whose button leads to what is missing or was refused, and which says so at the fields. */
export function ScheduleFormFrame({
  form,
  action,
  back,
  pending,
  error,
  onSubmit,
  onLeave,
  children,
}: {
  form: ScheduleForm;
  /** What the button says. */
  action: string;
  /** Where Cancel leads. */
  back: string;
  pending: boolean;
  /** What the engine refused. */
  error: unknown;
  /** Once nothing is wrong. */
  onSubmit: () => void;
  onLeave: () => void;
  children: (issues: ScheduleIssues) => ReactNode;
}) {
  const [tried, setTried] = useState(false);
  const fields = useRef<HTMLFormElement>(null);
  const objections = tried ? issuesOf(form) : {};
  const refused = error ? refusedAt(error) : undefined;
  const issues = { ...refused, ...objections };
  // The form is longer than the window: whoever presses its button at the end is led to what is wrong, once it is marked.
  const lead = (): number => requestAnimationFrame(() => leadToFirst(fields.current));
  const isRefused = refused !== undefined;
  useEffect(() => {
    if (isRefused) lead();
  }, [isRefused]);
  return (
    <form
      ref={fields}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (Object.keys(issuesOf(form)).length === 0) onSubmit();
        else lead();
      }}
    >
      <Stack gap="lg">
        {children(issues)}
        {!refused && <ErrorNotice error={error} />}
        <Group>
          <Button type="submit" loading={pending}>
            {action}
          </Button>
          {Object.keys(issues).length > 0 && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              Something is missing or not right yet: it stands at its field.
            </Text>
          )}
          <Button variant="default" component={Link} href={back} onClick={onLeave}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function leadToFirst(form: HTMLFormElement | null): void {
  const first = form?.querySelector<HTMLElement>('[aria-invalid="true"], [data-wrong]');
  first?.focus();
  first?.scrollIntoView({ block: 'center' });
}
