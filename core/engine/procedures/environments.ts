import type { z } from 'zod';
import type { tryOutInput } from '../../../contract/environment.ts';
import type { Catalog } from '../../catalog/index.ts';
import { withConnector, withNewConnector, withUntried } from '../connections.ts';
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
  return {
    list: environments.list.handler(() => catalog.environments.list().map(environmentView)),
    add: environments.add.handler(({ input }) => environmentView(catalog.environments.add(input))),
    update: environments.update.handler(({ input: { name, keepCertificates, ...given } }) => {
      const change = withKeptCertificates(catalog.environments.get(name), given, keepCertificates);
      return environmentView(catalog.environments.update(name, change));
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
    tryOut: environments.tryOut.handler(({ input, signal }) =>
      withUntried(catalog, untried(input), async (connector) => {
        const report = await connector.probe(signal ?? never());
        return { ...report, steps: report.steps.map((step) => ({ ...step })) };
      }),
    ),
    tryOutSteps: environments.tryOutSteps.handler(({ input, signal }) =>
      probeEvents((tell) =>
        withUntried(catalog, untried(input), (connector) => connector.probe(signal ?? never(), tell)),
      ),
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
