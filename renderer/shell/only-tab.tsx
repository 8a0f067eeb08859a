import { Button, Center, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { Mark } from '../design/mark.tsx';
import { Opening } from './opening.tsx';

/** Of all tabs of this browser that show this program: the address is part of whose locks they are. */
const LOCK = 'drawbridge-tab';
/** How long a tab that is just being left may take. Milliseconds. */
const PATIENCE = 1_500;

/**
 * Draws its children in one tab of a browser at a time. What was begun is kept once, by the engine: a second tab would write
 * over what is typed in the first one.
 */
export function OnlyTab({ children }: { children: ReactNode }) {
  const { state, takeOver } = useOnlyTab();
  if (state === 'here') return children;
  if (state === 'asking') return <Opening />;
  return (
    <Center component="main" h="100%" p="xl">
      <Stack align="center" gap="sm" maw="46ch">
        <Mark size={56} />
        <Title order={1} size="h3" ta="center">
          Drawbridge is open in another tab
        </Title>
        <Text c="dimmed" size="sm" ta="center">
          It is shown in one tab at a time, so that what is begun in one does not replace what is begun in
          another. Jobs go on, whichever it is.
        </Text>
        <Button onClick={takeOver}>Use it here</Button>
      </Stack>
    </Center>
  );
}

function useOnlyTab(): { state: 'asking' | 'here' | 'elsewhere'; takeOver: () => void } {
  const [state, setState] = useState<'asking' | 'here' | 'elsewhere'>('asking');
  const [taken, setTaken] = useState(0);
  useEffect(() => {
    let isLeft = false;
    let release = (): void => {};
    const waiting = new AbortController();
    const late = setTimeout(() => waiting.abort(), PATIENCE);
    const hold = (): Promise<void> =>
      new Promise((resolve) => {
        if (isLeft) return resolve();
        release = resolve;
        setState('here');
      });
    navigator.locks
      .request(LOCK, taken > 0 ? { steal: true } : { signal: waiting.signal }, hold)
      // Another has it, or has just taken it over.
      .catch(() => {
        if (!isLeft) setState('elsewhere');
      });
    return () => {
      isLeft = true;
      clearTimeout(late);
      waiting.abort();
      release();
    };
  }, [taken]);
  return { state, takeOver: () => setTaken((before) => before + 1) };
}
