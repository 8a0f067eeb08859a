import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconFlask, IconServer2 } from '@tabler/icons-react';
import { useEffect } from 'react';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { PracticeStarting } from '../../features/practice/practice-starting.tsx';
import { usePractice } from '../../features/practice/use-practice.ts';
import classes from './start-step.module.css';

/** @param onFinished told where to go in the program */
export function StartStep({ onFinished }: { onFinished: (path: string) => void }) {
  const { view, start, error } = usePractice();
  const state = view?.state;
  useEffect(() => {
    if (state === 'running') onFinished('/');
    // The handler is written anew at each drawing.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [state]);
  const starting = state === 'starting';
  return (
    <Stack gap="lg">
      <section className={classes.choice} aria-labelledby="try-it">
        <IconFlask size={28} stroke={1.5} aria-hidden />
        <Stack gap="xs" flex={1}>
          <Title order={2} size="h4" id="try-it">
            Try it with a sandbox
          </Title>
          <Text size="sm" c="dimmed">
            Two OpenGate stand-ins run on this computer, filled with invented people: practice-dev and
            practice-prod. Back up, compare and migrate between them; nothing real can be harmed.
          </Text>
          {starting ? (
            <PracticeStarting />
          ) : (
            <Button w="fit-content" onClick={() => start()}>
              Try it with a sandbox
            </Button>
          )}
          <ErrorNotice error={error} />
        </Stack>
      </section>
      <section className={classes.choice} aria-labelledby="add-first">
        <IconServer2 size={28} stroke={1.5} aria-hidden />
        <Stack gap="xs" flex={1}>
          <Title order={2} size="h4" id="add-first">
            Add your first environment
          </Title>
          <Text size="sm" c="dimmed">
            You need the address of its Admin API with a client and its secret, or the address of its
            databases with a login, or both. Adding it only reads.
          </Text>
          <Button
            w="fit-content"
            variant="default"
            disabled={starting}
            onClick={() => onFinished('/environments/_new')}
          >
            Add an environment
          </Button>
        </Stack>
      </section>
      <Group>
        <Button variant="subtle" disabled={starting} onClick={() => onFinished('/')}>
          Look around first
        </Button>
      </Group>
    </Stack>
  );
}
