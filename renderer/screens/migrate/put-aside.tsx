import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Foreign } from '../../design/foreign.tsx';
import { counted } from '../../design/moments.ts';
import { backTo, walkKey, withAsideAgain, withoutAside } from './aside.ts';
import type { OneWalk, WizardDraft } from './draft.ts';
import { useWizard } from './use-wizard.ts';
import { walkText } from './walk-text.ts';
import classes from './walk.module.css';

/** What had been begun before this walk, the newest first. Nothing but a word to forget it makes it go. */
export function PutAside({ onBegin }: { onBegin: (draft: WizardDraft) => void }) {
  const { draft, change } = useWizard();
  const [forgotten, setForgotten] = useState<OneWalk>();
  const [first, ...others] = draft.aside ?? [];
  const one = (walk: OneWalk) => (
    <OnePutAside
      key={walkKey(walk)}
      walk={walk}
      onBegin={onBegin}
      onForget={() => {
        change((now) => withoutAside(now, walk));
        setForgotten(walk);
      }}
    />
  );
  if (!first && !forgotten) return null;
  return (
    <Stack gap="xs" component="section" aria-label="Put aside">
      {forgotten && (
        <Group gap="sm" key={walkKey(forgotten)}>
          <Text size="sm" c="dimmed" role="status">
            <Foreign>{`Forgotten: ${walkText(forgotten)}.`}</Foreign>
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            // The button that was pressed is gone: the keyboard is to be where it can be taken back.
            ref={focused}
            onClick={() => {
              change((now) => withAsideAgain(now, forgotten));
              setForgotten(undefined);
            }}
          >
            Bring it back
          </Button>
        </Group>
      )}
      {first && one(first)}
      {others.length > 0 && (
        <details>
          <summary className={classes.others}>
            {counted(others.length, 'other was', 'others were')} put aside before
          </summary>
          <Stack gap="xs" mt="xs">
            {others.map(one)}
          </Stack>
        </details>
      )}
    </Stack>
  );
}

function OnePutAside({
  walk,
  onBegin,
  onForget,
}: {
  walk: OneWalk;
  onBegin: (draft: WizardDraft) => void;
  onForget: () => void;
}) {
  const { draft } = useWizard();
  const [, navigate] = useLocation();
  const text = walkText(walk);
  return (
    <Group gap="sm">
      <Text size="sm" c="dimmed" role="status">
        <Foreign>{`Put aside: ${text}.`}</Foreign>
      </Text>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Go back to it: ${text}`}
        onClick={() => {
          onBegin(backTo(walk, draft));
          navigate(`/migrate/${walk.step}`);
        }}
      >
        Go back to it
      </Button>
      <Button size="compact-sm" variant="subtle" aria-label={`Forget it: ${text}`} onClick={onForget}>
        Forget it
      </Button>
    </Group>
  );
}

function focused(button: HTMLButtonElement | null): void {
  button?.focus();
}
