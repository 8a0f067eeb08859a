import { Button, Group, Text } from '@mantine/core';
import { useLocation } from 'wouter';
import { insteadOf, walkTitle, withoutAside, type WizardDraft } from './draft.ts';
import { useWizard } from './use-wizard.ts';

/** What had been begun before this walk, for as long as nothing came of this one. */
export function PutAside({ onBegin }: { onBegin: (draft: WizardDraft) => void }) {
  const { draft, change } = useWizard();
  const [, navigate] = useLocation();
  const { aside } = draft;
  if (!aside) return null;
  return (
    <Group gap="sm">
      <Text size="sm" c="dimmed" role="status">
        You had begun something else ({walkTitle(aside).toLowerCase()}). It was put aside.
      </Text>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => {
          onBegin(insteadOf(aside, withoutAside(draft)));
          navigate(`/migrate/${aside.step}`);
        }}
      >
        Go back to it
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={() => change(withoutAside)}>
        Forget it
      </Button>
    </Group>
  );
}
