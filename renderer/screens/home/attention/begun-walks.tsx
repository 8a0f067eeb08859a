import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useApi } from '../../../client/use-client.tsx';
import { Foreign } from '../../../design/foreign.tsx';
import { counted } from '../../../design/moments.ts';
import type { BegunWalks as Begun } from '../../migrate/begun-walks.ts';
import { DRAFT } from '../../migrate/use-wizard.ts';
import { begunText, walkText } from '../../migrate/walk-text.ts';
import { AttentionItem } from './attention-item.tsx';

/** What was left in the middle. It is put away here until something is done about it; nothing of it is lost. */
export function BegunWalks({ begun: { draft, isCurrent, first, others } }: { begun: Begun }) {
  const api = useApi();
  const queries = useQueryClient();
  const putAway = useMutation(
    api.preferences.change.mutationOptions({
      onSuccess: (view) => queries.setQueryData(api.preferences.get.queryKey(), view),
    }),
  );
  return (
    <AttentionItem
      severity="notice"
      title={<Foreign>{isCurrent ? begunText(first) : `Put aside: ${walkText(first)}`}</Foreign>}
      error={putAway.error}
      actions={
        <>
          <Button
            size="xs"
            variant="subtle"
            loading={putAway.isPending}
            onClick={() => putAway.mutate({ drafts: { [DRAFT]: { ...draft, putAway: true } } })}
          >
            Put away
          </Button>
          <Button component={Link} href="/migrate" size="xs" variant="default">
            {isCurrent ? 'Go on' : 'Look at it'}
          </Button>
        </>
      }
    >
      {others > 0 && `${counted(others, 'other walk is', 'other walks are')} put aside. `}
      Nothing of it was carried out.
    </AttentionItem>
  );
}
