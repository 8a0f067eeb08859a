import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { AppError } from '../../../contract/errors.ts';
import type { JobInput, JobView } from '../../../contract/job.ts';
import { useClient } from '../../client/use-client.tsx';
import { isUnderWay, useFollowedJob } from '../../features/jobs/use-job.ts';
import {
  copyKey,
  isToBeMade,
  madeCopy,
  previewJob,
  previewKey,
  sidesKey,
  sourceText,
  withoutPreview,
  withPlan,
  type WizardDraft,
} from './draft.ts';
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
  readonly make: (from?: PreviewFrom) => void;
  readonly cancel: () => void;
  /** Why it could not be canceled. */
  readonly notCanceled: unknown;
}

/**
 * What it is made from: a snapshot that the source was read into, which holds only for the same two sides; or the source as it
 * is now, read anew. By default what is there already, such as a pseudonymised copy that was just made.
 */
type PreviewFrom = { readonly snapshot: string } | 'now';

/** The preview of the draft: made when it is looked at, and anew on request. */
export function usePreview(): Preview {
  const client = useClient();
  const { draft, change } = useWizard();
  const { secrets } = useSecrets();
  const { preview } = draft;
  const begun = useMutation({
    mutationFn: async (from: PreviewFrom | undefined) => begin(from),
  });
  const cancel = useMutation({
    mutationFn: (job: string) => client.engine.jobs.cancel({ job }),
  });
  const waited = preview?.plan === undefined ? (preview?.job ?? preview?.copyJob) : undefined;
  const { job, error } = useFollowedJob(waited);
  const isCopying = waited !== undefined && waited === preview?.copyJob && preview.job === undefined;
  const isStale = preview?.of !== previewKey(draft);

  /** Keeps what was begun, unless something else was chosen while it began. */
  function keep(of: string, made: NonNullable<WizardDraft['preview']>): void {
    change((now) => (previewKey(now) === of ? { ...now, preview: made } : now));
  }

  async function begin(from: PreviewFrom | undefined): Promise<void> {
    const of = previewKey(draft);
    const { origin, source, pseudonymise } = draft;
    if (origin.kind === 'plan') return;
    if (origin.kind !== 'choices') {
      const started =
        origin.kind === 'rollback'
          ? await client.engine.jobs.start({ kind: 'rollback-plan', job: origin.job })
          : await client.engine.jobs.retry({ job: origin.job });
      keep(of, { of, job: started.id });
      return;
    }
    const sides = sidesKey(draft);
    const before = preview?.sides === sides ? preview.plan : undefined;
    const made = { of, sides, policy: draft.policy, ...(before !== undefined && { before }) };
    const readBefore = before !== undefined && typeof from === 'object' ? from.snapshot : undefined;
    const copy = from === 'now' && source?.kind === 'live' ? undefined : madeCopy(draft);
    const snapshot = readBefore ?? (pseudonymise.on ? copy : undefined);
    if (pseudonymise.on && snapshot === undefined) {
      const copyJob = (await client.engine.jobs.start(copyInput(draft, secrets.password))).id;
      keep(of, { ...made, copyJob });
      return;
    }
    const started = await client.engine.jobs.start(previewJob(draft, snapshot));
    keep(of, { ...made, job: started.id });
  }

  const planCopy = useMutation({
    mutationFn: async (snapshot: string) => {
      const of = previewKey(draft);
      const { pseudonymise, policy } = draft;
      // It is there now, and serves again where the plan cannot be made at once.
      change({ pseudonymise: { ...pseudonymise, copy: { of: copyKey(draft), snapshot } } });
      const started = await client.engine.jobs.start(previewJob(draft, snapshot));
      keep(of, { of, sides: sidesKey(draft), policy, job: started.id });
      forgetSecrets();
    },
  });

  // Each job's end is acted upon once.
  const handled = useRef<string>(undefined);
  useEffect(() => {
    if (!job || isUnderWay(job) || !job.result || handled.current === job.id) return;
    handled.current = job.id;
    const { result } = job;
    // A copy that was asked for before something else was chosen is not a copy of that.
    if (result.kind === 'pseudonymize') {
      if (!isStale) planCopy.mutate(result.snapshot.id);
    } else if ('plan' in result) {
      const { plan } = result;
      change((now) => (now.preview?.job === job.id ? withPlan(now, plan) : now));
    }
  }, [change, isStale, job, planCopy]);

  const started = useRef(false);
  useEffect(() => {
    if (started.current || !isToBeMade(draft)) return;
    started.current = true;
    // One between other sides is no preview of this, not even an old one.
    if (preview && preview.sides !== sidesKey(draft)) change(withoutPreview);
    begun.mutate(undefined);
    // Only when the preview is come to.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const failed = begun.error ?? planCopy.error ?? error;
  return {
    job,
    isCopying,
    error: failed,
    notCanceled: cancel.error,
    making:
      begun.isPending ||
      planCopy.isPending ||
      (waited !== undefined && !failed && (job?.id !== waited || isUnderWay(job))),
    plan: preview?.plan,
    isCurrent: preview?.plan !== undefined && !isStale,
    make: (from) => {
      planCopy.reset();
      begun.mutate(from);
    },
    cancel: () => waited !== undefined && cancel.mutate(waited),
  };
}

/** @throws AppError USAGE where the password that was typed for it is gone: never a copy without one instead */
function copyInput(draft: WizardDraft, password: string): JobInput {
  if (draft.pseudonymise.password?.given && password === '')
    throw new AppError('USAGE', 'The password that you typed for everybody in the copy is not kept.', {
      notChanged: 'Nothing was read, and nothing was written.',
      remedy: 'Type it again at the step “What”, or say there that nobody has one.',
    });
  return {
    kind: 'pseudonymize',
    source: sourceText(draft.source) ?? '',
    keepDomains: draft.pseudonymise.keepDomains,
    ...(password !== '' && { keys: { password } }),
  };
}
