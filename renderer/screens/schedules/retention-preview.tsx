import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQueries } from '@tanstack/react-query';
import type { AppError } from '../../../contract/errors.ts';
import { asAppError } from '../../../contract/wire.ts';
import type { RetentionPolicyInput, RetentionView } from '../../../contract/retention.ts';
import { useApi } from '../../client/use-client.tsx';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Waiting } from '../../design/page.tsx';
import { policyIssues } from '../../features/retention/policy-form.tsx';
import { Verdicts } from '../../features/retention/verdicts.tsx';

/**
 * What a schedule's policy would do to the snapshots that there are now. Asked as it is run: for each of the schedule's own
 * realms by itself, so that no other realm's snapshots or tags speak for it or against it.
 */
export function RetentionPreview({
  policy,
  environment,
  realms,
}: {
  policy: RetentionPolicyInput;
  environment: string;
  /** Undefined: every one. */
  realms: readonly string[] | undefined;
}) {
  const api = useApi();
  const [asked] = useDebouncedValue(policy, 400);
  const usable = Object.keys(policyIssues(asked)).length === 0;
  const scopes = realms === undefined ? [{}] : realms.map((realm) => ({ realm }));
  const previews = useQueries({
    queries: scopes.map((scope) =>
      api.engine.snapshots.previewPrune.queryOptions({
        input: { environment, ...scope, policy: asked },
        enabled: usable && environment !== '',
        placeholderData: (before: RetentionView | undefined) => before,
      }),
    ),
  });
  if (environment === '' || !usable || scopes.length === 0) return null;
  if (previews.some(({ isPending }) => isPending)) return <Waiting lines={2} />;
  const views = previews.flatMap(({ data }) => (data ? [data] : []));
  const errors = previews.flatMap(({ error }) => (error ? [asAppError(error)] : []));
  // What befalls all realms, such as a catalog that is locked, is told once.
  const faults = new Map(errors.filter(isFault).map((error) => [error.message, error]));
  return (
    <>
      {[...faults].map(([message, error]) => (
        <ErrorNotice key={message} error={error} />
      ))}
      {views.length > 0 ? (
        <Verdicts view={together(views)} />
      ) : (
        faults.size === 0 && (
          <Text size="sm" c="dimmed">
            There are no snapshots of {realms === undefined ? 'this environment' : 'these realms'} yet: there
            is nothing that the policy could let go.
          </Text>
        )
      )}
    </>
  );
}

/** A realm that has no snapshot yet is no fault. */
function isFault({ code }: AppError): boolean {
  return code !== 'NOT_FOUND';
}

/** What has been in the trash for too long is the same for all of them. */
function together(views: readonly RetentionView[]): RetentionView {
  const sum = (part: 'kept' | 'trashed'): number => views.reduce((total, view) => total + view[part], 0);
  return {
    ...views[0]!,
    groups: views.flatMap(({ groups }) => groups),
    kept: sum('kept'),
    trashed: sum('trashed'),
  };
}
