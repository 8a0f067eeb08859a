import type { Catalog } from '../../core/catalog/index.ts';
import type { Job } from '../../core/catalog/jobs/job.ts';
import type { ApplyStep, Connector } from '../../core/connectors/connector.ts';
import { withConnector } from '../../core/engine/connections.ts';
import { applyStoredPlan } from '../../core/jobs/apply.ts';
import { shownPlan } from '../../core/jobs/plan-document.ts';
import { startJob, type StartedJob } from '../../core/jobs/runner.ts';

/** `facts`: before the intent of a commit is journalled. `before`, `after`: between intent and outcome. */
export type Moment = 'facts' | 'before' | 'after';
export type Disturb = (label: string, moment: Moment, job: StartedJob) => Promise<void> | void;

/** Applies a plan as the engine does, confirmed, and lets a test do something at every moment of every step. */
export async function applyStepped(catalog: Catalog, plan: string, disturb: Disturb): Promise<Job> {
  const stored = catalog.plans.get(plan);
  const { target } = shownPlan(stored);
  return await withConnector(catalog, target.environment, async (connector) => {
    const disturbed = stepped(connector, async (label, moment) => await disturb(label, moment, started));
    const started = startJob(
      catalog.jobs,
      { kind: 'apply', title: `Apply plan ${plan}`, params: { plan } },
      async (job) => {
        const given = { confirm: target.realm, confirmEnvironment: target.environment };
        const { result, error } = await applyStoredPlan(job, catalog, disturbed, stored, given);
        return { result: { kind: 'apply', result }, ...(error && { error }) };
      },
    );
    return await started.ended;
  });
}

type At = (label: string, moment: Moment) => Promise<void>;

function stepped(connector: Connector, at: At): Connector {
  return {
    ...connector,
    async openTarget(...given) {
      const session = await connector.openTarget(...given);
      return {
        exists: async (signal) => await session.exists(signal),
        capture: (options, signal) => session.capture(options, signal),
        close: async () => await session.close(),
        async *applySteps(applied, items) {
          for await (const step of session.applySteps(applied, items)) yield steppedStep(step, at);
        },
      };
    },
  };
}

function steppedStep(step: ApplyStep, at: At): ApplyStep {
  return {
    ...step,
    ...(step.facts && {
      async facts(signal) {
        await at(step.label, 'facts');
        return await step.facts!(signal);
      },
    }),
    async run(signal) {
      await at(step.label, 'before');
      const outcome = await step.run(signal);
      await at(step.label, 'after');
      return outcome;
    },
  };
}
