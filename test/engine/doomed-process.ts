/** Applies a plan in a process of its own, which kills itself at one moment of one step, as a power cut would. */
import { openCatalog } from '../../core/catalog/index.ts';
import type { ApplyStep, Connector } from '../../core/connectors/connector.ts';
import { withConnector } from '../../core/engine/connections.ts';
import { applyStoredPlan } from '../../core/jobs/apply.ts';
import { shownPlan } from '../../core/jobs/plan-document.ts';
import { startJob } from '../../core/jobs/runner.ts';
import { keys } from './line.ts';

/** `facts`: before the intent is journalled. `before`, `after`: between intent and outcome. */
const [catalogDir, plan, label, moment, later] = process.argv.slice(2) as [
  string,
  string,
  string,
  'facts' | 'before' | 'after',
  string,
];

const catalog = await openCatalog({
  dir: catalogDir,
  keys,
  testing: { now: () => new Date(Date.now() + Number(later)) },
});
const stored = catalog.plans.get(plan);
const { target } = shownPlan(stored);
await withConnector(catalog, target.environment, async (connector) => {
  const { ended } = startJob(
    catalog.jobs,
    { kind: 'apply', title: `Apply plan ${plan}`, params: { plan } },
    async (job) => {
      const given = { confirm: target.realm, confirmEnvironment: target.environment };
      const { result } = await applyStoredPlan(job, catalog, doomed(connector), stored, given);
      return { result: { kind: 'apply', result } };
    },
  );
  process.stdout.write(JSON.stringify(await ended));
});
catalog.close();

function doomed(connector: Connector): Connector {
  return {
    ...connector,
    async openTarget(...given) {
      const session = await connector.openTarget(...given);
      return {
        exists: async (signal) => await session.exists(signal),
        capture: (options, signal) => session.capture(options, signal),
        close: async () => await session.close(),
        async *applySteps(applied, items) {
          for await (const step of session.applySteps(applied, items))
            yield step.label === label ? doomedStep(step) : step;
        },
      };
    },
  };
}

function doomedStep(step: ApplyStep): ApplyStep {
  const { facts } = step;
  return {
    ...step,
    ...(facts && {
      async facts(signal) {
        if (moment === 'facts') die();
        return await facts(signal);
      },
    }),
    async run(signal) {
      if (moment === 'before') die();
      const outcome = await step.run(signal);
      if (moment === 'after') die();
      return outcome;
    },
  };
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // Nothing of ours may run until the signal arrives.
  for (;;);
}
