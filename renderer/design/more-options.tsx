import { Collapse, Stack, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useId, useState, type ReactNode } from 'react';
import classes from './more-options.module.css';

/** What most people leave as it is. */
export function MoreOptions({
  label = 'More options',
  begin = false,
  children,
}: {
  label?: string;
  /** Whether it is open at first, or from when on. */
  begin?: boolean;
  children: ReactNode;
}) {
  const [opened, setOpened] = useState(begin);
  const id = useId();
  const [begun, setBegun] = useState(begin);
  if (begin !== begun) {
    setBegun(begin);
    // An error within is not to stay hidden.
    if (begin) setOpened(true);
  }
  return (
    <div>
      <UnstyledButton
        className={classes.toggle}
        aria-expanded={opened}
        aria-controls={id}
        onClick={() => setOpened(!opened)}
      >
        <IconChevronRight size={16} aria-hidden data-opened={opened || undefined} />
        {label}
      </UnstyledButton>
      <Collapse expanded={opened} id={id}>
        <Stack gap="md" pt="sm">
          {children}
        </Stack>
      </Collapse>
    </div>
  );
}
