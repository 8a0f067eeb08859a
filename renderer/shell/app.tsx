import { MantineProvider, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import type { Connection } from '../client/connection.ts';
import type { WindowHost } from '../client/host.ts';
import { ClientProvider, useApi } from '../client/use-client.tsx';
import { theme, variables } from '../design/theme.ts';
import { Boundary } from './boundary.tsx';
import { Gate } from './gate.tsx';
import { OnlyTab } from './only-tab.tsx';
import { Opening } from './opening.tsx';

export function App({
  connection,
  host,
  nonce,
}: {
  connection: Connection;
  host: WindowHost;
  nonce: string;
}) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
      deduplicateInlineStyles
    >
      <Notifications position="bottom-right" limit={4} />
      <Boundary>
        <ClientProvider connection={connection} host={host} waiting={<Opening />}>
          <Themed>
            {host.kind === 'loopback' ? (
              <OnlyTab>
                <Gate />
              </OnlyTab>
            ) : (
              <Gate />
            )}
          </Themed>
        </ClientProvider>
      </Boundary>
    </MantineProvider>
  );
}

/** As the preferences have it; until they are known, as the system has it. */
function Themed({ children }: { children: ReactNode }) {
  const api = useApi();
  const { data } = useQuery(api.preferences.get.queryOptions());
  const { setColorScheme } = useMantineColorScheme();
  const scheme: MantineColorScheme = !data || data.theme === 'system' ? 'auto' : data.theme;
  useEffect(() => setColorScheme(scheme), [scheme, setColorScheme]);
  return children;
}
