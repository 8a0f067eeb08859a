import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { JobInput, JobView } from '../../../contract/job.ts';
import { useClient } from '../../client/use-client.tsx';
import { useFollowedJob } from '../../features/jobs/follow-job.ts';
import { isUnderWay } from '../../features/jobs/use-job.ts';
import { copyKey, isReady, previewJob, previewKey, sourceText, type WizardDraft } from './draft.ts';
import { forgetSecrets, useSecrets } from './secrets.ts';
import { useWizard } from './use-wizard.ts';

export interface Preview {
  /** The job that makes it, or makes the copy that it is made from. */
  readonly job: JobView | undefined;
  readonly isCopying: boolean;
  readonly error: unknown;
  /** It is being made. */
  readonly making: boolean;
  /** The plan; undefined until it is made. It may be out of date: `isCurrent`. */
  readonly plan: string | undefined;
  readonly isCurrent: boolean;
  /** Makes it anew: from the snapshot that the source was read into, or, without one, from the source as it is now. */
  readonly make: (from?: string) => void;
  readonly cancel: () => void;
}

/** The preview of the draft: made when it is looked at, and anew on request. */
export function usePreview(): Preview {
  const client = useClient();
  const { draft, change } = useWizard();
  const { secrets } = useSecrets();
  const { preview } = draft;
  const begun = useMutation({
    mutationFn: async (from: string | undefined) => begin(from),
  });
  const cancel = useMutation({
    mutationFn: (job: string) => client.engine.jobs.cancel({ job }),
  });
  const waited = preview?.plan === undefined ? (preview?.job ?? preview?.copyJob) : undefined;
  const { job, error } = useFollowedJob(waited);
  const isCopying = waited !== undefined && waited === preview?.copyJob && preview.job === undefined;

  async function begin(from: string | undefined): Promise<void> {
    const of = previewKey(draft);
    const { origin, pseudonymise, source } = draft;
    const before = preview?.plan;
    const made = { of, policy: draft.policy, ...(before !== undefined && { before }) };
    if (origin.kind === 'plan') return;
    if (origin.kind === 'rollback' || origin.kind === 'retry') {
      const started =
        origin.kind === 'rollback'
          ? await client.engine.jobs.start({ kind: 'rollback-plan', job: origin.job })
          : await client.engine.jobs.retry({ job: origin.job });
      change({ preview: { of, job: started.id } });
      return;
    }
    if (from === undefined && pseudonymise.on && pseudonymise.copy?.of !== copyKey(draft)) {
      const copy: JobInput = {
        kind: 'pseudonymize',
        source: sourceText(source) ?? '',
        keepDomains: pseudonymise.keepDomains,
        ...(secrets.password !== '' && { keys: { password: secrets.password } }),
      };
      change({ preview: { ...made, copyJob: (await client.engine.jobs.start(copy)).id } });
      return;
    }
    const snapshot = from ?? (pseudonymise.on ? pseudonymise.copy?.snapshot : undefined);
    change({ preview: { ...made, job: (await client.engine.jobs.start(previewJob(draft, snapshot))).id } });
  }

  const planCopy = useMutation({
    mutationFn: async (snapshot: string) => {
      forgetSecrets();
      const copied: WizardDraft = {
        ...draft,
        pseudonymise: { ...draft.pseudonymise, copy: { of: copyKey(draft), snapshot } },
      };
      const started = await client.engine.jobs.start(previewJob(copied, snapshot));
      change({
        pseudonymise: copied.pseudonymise,
        preview: { of: previewKey(copied), policy: copied.policy, job: started.id },
      });
    },
  });

  // Each job's end is acted upon once.
  const handled = useRef<string>(undefined);
  useEffect(() => {
    if (!job || isUnderWay(job) || !job.result || handled.current === job.id) return;
    handled.current = job.id;
    const { result } = job;
    if (result.kind === 'pseudonymize') planCopy.mutate(result.snapshot.id);
    else if ('plan' in result)
      change((before) => ({
        ...before,
        preview: { ...before.preview!, plan: result.plan.plan, ready: isReady(result.plan) },
      }));
  }, [change, job, planCopy]);

  const isStale = preview?.of !== previewKey(draft);
  const started = useRef<string>(undefined);
  useEffect(() => {
    const of = previewKey(draft);
    // Decisions that are made here are collected, until a new preview is asked for.
    if (!isStale || started.current !== undefined) return;
    started.current = of;
    begun.mutate(undefined);
    // Only when the preview is come to.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  return {
    job,
    isCopying,
    error: begun.error ?? planCopy.error ?? error,
    making: begun.isPending || planCopy.isPending || (waited !== undefined && (!job || isUnderWay(job))),
    plan: preview?.plan,
    isCurrent: preview?.plan !== undefined && !isStale,
    make: (from) => begun.mutate(from),
    cancel: () => waited !== undefined && cancel.mutate(waited),
  };
}
