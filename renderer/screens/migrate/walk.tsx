import { Button } from '@mantine/core';
import { useEffect, type ComponentType, type ReactNode } from 'react';
import { useLocation, useRoute } from 'wouter';
import { quoted } from '../../../contract/visible.ts';
import { ErrorNotice } from '../../design/error-notice.tsx';
import { Foreign } from '../../design/foreign.tsx';
import { Page } from '../../design/page.tsx';
import { insteadOf } from './aside.ts';
import { ConfirmStep } from './confirm-step.tsx';
import {
  emptyDraft,
  lastOpenStep,
  STEPS,
  stepsOf,
  targetRealm,
  walkTitle,
  type Step,
  type WizardDraft,
} from './draft.ts';
import { PreviewStep } from './preview-step.tsx';
import { PutAside } from './put-aside.tsx';
import { ReportStep } from './report-step.tsx';
import { RunStep } from './run-step.tsx';
import { forgetSecrets } from './secrets.ts';
import { SourceStep } from './source-step.tsx';
import { TargetStep } from './target-step.tsx';
import { useKeptDraft, WizardContext } from './use-wizard.ts';
import { STEP_TITLES } from './walk-text.ts';
import classes from './walk.module.css';
import { WhatStep } from './what-step.tsx';

const SCREENS: Readonly<Record<Step, ComponentType>> = {
  source: SourceStep,
  what: WhatStep,
  target: TargetStep,
  preview: PreviewStep,
  confirm: ConfirmStep,
  run: RunStep,
  report: ReportStep,
};

/** One walk, at the step that the address names. Any step behind can be gone back to: nothing is written before Run. */
export function Walk({
  first,
  onBegin,
  children,
}: {
  first: WizardDraft;
  /** Another walk in the place of this one. */
  onBegin: (draft: WizardDraft) => void;
  children?: ReactNode;
}) {
  const wizard = useKeptDraft(first);
  const { draft, change, notKept } = wizard;
  const [, navigate] = useLocation();
  const [isAtStep, at] = useRoute('/migrate/:step');
  const open = lastOpenStep(draft);
  const wanted = isAtStep && isStep(at.step) ? at.step : draft.step;
  const step = reached(draft, wanted);
  const url = `/migrate/${step}`;
  useEffect(() => {
    if (!isAtStep || at.step !== step) navigate(url, { replace: true });
  }, [at, isAtStep, navigate, step, url]);
  useEffect(() => {
    if (draft.step !== step) change({ step });
    // Also what a link asked for is kept from its first moment on.
    else if (draft === first) change({});
  }, [change, draft, first, step]);
  useEffect(() => forgetSecrets, []);
  const Screen = SCREENS[step];
  const title = walkTitle(draft);
  return (
    <WizardContext value={wizard}>
      <Page
        title={title}
        lead={<Lead draft={draft} />}
        actions={
          <Button
            variant="subtle"
            onClick={() => {
              onBegin(insteadOf(emptyDraft(draft.catalog), draft));
              navigate('/migrate/source');
            }}
          >
            Start over
          </Button>
        }
      >
        {children}
        <PutAside onBegin={onBegin} />
        <nav aria-label="Steps">
          <ol className={classes.steps}>
            {stepsOf(draft).map((one) => (
              <li key={one}>
                <button
                  type="button"
                  className={classes.step}
                  aria-current={one === step ? 'step' : undefined}
                  disabled={!canGoTo(draft, one, open)}
                  onClick={() => navigate(`/migrate/${one}`)}
                >
                  {STEP_TITLES[one]}
                </button>
              </li>
            ))}
          </ol>
        </nav>
        <ErrorNotice error={notKept} />
        <Screen />
      </Page>
    </WizardContext>
  );
}

function isStep(word: string): word is Step {
  return (STEPS as readonly string[]).includes(word);
}

/** Once it runs there is no way back into the choices: they were carried out. */
function canGoTo(draft: WizardDraft, step: Step, open: Step): boolean {
  if (draft.run) return step === 'run' || (step === 'report' && open === 'report');
  return STEPS.indexOf(step) <= STEPS.indexOf(open);
}

function reached(draft: WizardDraft, wanted: Step): Step {
  const open = lastOpenStep(draft);
  if (canGoTo(draft, wanted, open) && stepsOf(draft).includes(wanted)) return wanted;
  return draft.run ? 'run' : open === 'confirm' ? 'preview' : open;
}

function Lead({ draft }: { draft: WizardDraft }) {
  const { origin, source, target } = draft;
  if (origin.kind === 'rollback') return `Brings the realm back to what it was before job ${origin.job}.`;
  if (origin.kind === 'retry') return `Only what failed in job ${origin.job}.`;
  if (origin.kind === 'plan') return 'A plan that was made before.';
  if (!source)
    return 'From an environment, a snapshot or a file to an environment. Nothing is written before you confirm it.';
  const what =
    source.kind === 'live'
      ? `${quoted(source.realm)} of ${quoted(source.environment)}, as it is now`
      : source.pseudonymized
        ? `snapshot ${source.snapshot}, a pseudonymised copy of ${quoted(source.realm)}`
        : `snapshot ${source.snapshot} of ${quoted(source.realm)}`;
  const from = draft.pseudonymise.on ? `a pseudonymised copy of ${what}` : what;
  return (
    <Foreign>
      {target === undefined
        ? `From ${from}.`
        : `From ${from}, to ${quoted(targetRealm(draft))} on ${quoted(target)}.`}
    </Foreign>
  );
}
