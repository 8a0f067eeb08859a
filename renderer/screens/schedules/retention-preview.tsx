import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { asAppError } from '../../../contract/wire.ts';
import type { RetentionPolicyInput, RetentionView } from '../../../contract/retention.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Waiting } from '../../design/page.tsx';
import { policyIssues } from '../../retention/policy-form.tsx';
import { Verdicts } from '../../retention/verdicts.tsx';

/** What a schedule's policy would do to the snapshots that there are now, of the realms that are its own. */
export function RetentionPreview({
  policy,
  environment,
  realms,
}: {
  policy: RetentionPolicyInput;
  environment: string;
  realms: readonly string[] | undefined;
}) {
  const api = useApi();
  const [asked] = useDebouncedValue(policy, 400);
  const usable = Object.keys(policyIssues(asked)).length === 0;
  const { data, error } = useQuery(
    api.engine.snapshots.previewPrune.queryOptions({
      input: { environment, policy: asked },
      enabled: usable && environment !== '',
      placeholderData: (before) => before,
    }),
  );
  if (environment === '' || !usable) return null;
  if (error)
    return asAppError(error).code === 'NOT_FOUND' ? (
      <Text size="sm" c="dimmed">
        There are no snapshots of this environment yet: there is nothing that the policy could let go.
      </Text>
    ) : (
      <ErrorNotice error={error} />
    );
  if (!data) return <Waiting lines={2} />;
  return <Verdicts view={ofRealms(data, realms)} />;
}

function ofRealms(view: RetentionView, realms: readonly string[] | undefined): RetentionView {
  if (!realms) return view;
  const groups = view.groups.filter(({ realm }) => realms.includes(realm));
  const sum = (part: 'kept' | 'trashed'): number => groups.reduce((total, group) => total + group[part], 0);
  return { ...view, groups, kept: sum('kept'), trashed: sum('trashed') };
}
