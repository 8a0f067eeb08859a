import type { z } from 'zod';
import type { tryOutInput } from '../../../contract/environment.ts';
import type { Environment } from '../../catalog/environments/settings.ts';
import type { Catalog } from '../../catalog/index.ts';
import { rememberTriedOut, tryOut, withConnector, withNewConnector } from '../connections.ts';
import { environmentView } from '../environment-view.ts';
import { implementer } from '../implementer.ts';
import { withKeptCertificates } from '../kept-certificates.ts';
import { probeEvents } from '../probe-events.ts';

export function environmentProcedures(catalog: Catalog) {
  const { environments } = implementer;
  const untried = ({ environment, keepSecretsOf, keepCertificates }: z.output<typeof tryOutInput>) => {
    const stored = keepSecretsOf === undefined ? {} : catalog.environments.get(keepSecretsOf);
    return { environment: withKeptCertificates(stored, environment, keepCertificates), keepSecretsOf };
  };
  const stored = (environment: Environment) => {
    rememberTriedOut(catalog, environment);
    return environmentView(catalog.environments.get(environment.name));
  };
  return {
    list: environments.list.handler(() => catalog.environments.list().map(environmentView)),
    add: environments.add.handler(({ input }) => stored(catalog.environments.add(input))),
    update: environments.update.handler(({ input: { name, keepCertificates, ...given } }) => {
      const change = withKeptCertificates(catalog.environments.get(name), given, keepCertificates);
      return stored(catalog.environments.update(name, change));
    }),
    remove: environments.remove.handler(({ input }) => catalog.environments.remove(input.name)),
    probe: environments.probe.handler(({ input, signal }) =>
      withNewConnector(catalog, input.name, async (connector, environment) => {
        const report = await connector.probe(signal ?? never());
        if (report.serverVersion !== undefined)
          catalog.environments.remember(environment, { serverVersion: report.serverVersion });
        return { ...report, steps: report.steps.map((step) => ({ ...step })) };
      }),
    ),
    tryOut: environments.tryOut.handler(async ({ input, signal }) => {
      const report = await tryOut(catalog, untried(input), signal ?? never());
      return { ...report, steps: report.steps.map((step) => ({ ...step })) };
    }),
    tryOutSteps: environments.tryOutSteps.handler(({ input, signal }) =>
      probeEvents((tell) => tryOut(catalog, untried(input), signal ?? never(), tell)),
    ),
    realms: environments.realms.handler(({ input, signal }) =>
      withConnector(catalog, input.name, async (connector) => {
        const realms = [];
        for await (const realm of connector.listRealms(signal ?? never())) realms.push(realm);
        return realms;
      }),
    ),
  };
}

function never(): AbortSignal {
  return new AbortController().signal;
}
