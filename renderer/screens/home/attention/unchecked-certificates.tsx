import { Button } from '@mantine/core';
import { Link } from 'wouter';
import type { EnvironmentView } from '../../../../contract/environment.ts';
import { AttentionItem } from './attention-item.tsx';

export function UncheckedCertificates({ environments }: { environments: readonly EnvironmentView[] }) {
  return environments.map(({ name }) => (
    <AttentionItem
      key={name}
      severity="severe"
      title={`The certificate of ${name} is not checked`}
      actions={
        <Button
          component={Link}
          href={`/environments/${name}/edit`}
          size="xs"
          variant="default"
          aria-label={`Change ${name}`}
        >
          Change that…
        </Button>
      }
    >
      Anybody on the way can read and change what is sent, the client’s secret included.
    </AttentionItem>
  ));
}
