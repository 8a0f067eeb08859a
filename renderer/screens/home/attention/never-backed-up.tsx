import { Button } from '@mantine/core';
import type { EnvironmentView } from '../../../../contract/environment.ts';
import { andMore } from '../../../design/and-more.ts';
import { useBackUp } from '../../../features/backup/backup-context.tsx';
import { AttentionItem } from './attention-item.tsx';

export function NeverBackedUp({ environments }: { environments: readonly EnvironmentView[] }) {
  const backUp = useBackUp();
  const [first] = environments;
  if (!first) return null;
  const names = environments.map(({ name }) => name);
  const named = new Intl.ListFormat('en').format(names.slice(0, 4));
  const more = names.length > 4 ? `, ${andMore(names.length, 4)}` : '';
  return (
    <AttentionItem
      severity="notice"
      title={`Never backed up: ${named}${more}`}
      actions={
        <Button
          size="xs"
          aria-label={`Back up ${first.name} for the first time`}
          onClick={() => backUp({ environment: first.name })}
        >
          Back up…
        </Button>
      }
    >
      A first backup takes seconds for thousands of users. The environment is only read.
    </AttentionItem>
  );
}
