import { Tabs } from '@mantine/core';
import { useLocation } from 'wouter';
import { Page } from '../../design/page.tsx';
import { About } from './about.tsx';
import { Appearance } from './appearance.tsx';
import { Encryption } from './encryption.tsx';
import { Retention } from './retention.tsx';
import { Storage } from './storage.tsx';
import { Updates } from './updates.tsx';

const TABS = [
  ['storage', 'Storage', Storage],
  ['encryption', 'Encryption', Encryption],
  ['retention', 'Retention', Retention],
  ['appearance', 'Appearance', Appearance],
  ['updates', 'Updates', Updates],
  ['about', 'About', About],
] as const;

/** What can be set, each part under an address of its own. */
export default function Settings() {
  const [location, navigate] = useLocation();
  const asked = location.split('/')[2];
  const current = TABS.find(([tab]) => tab === asked) ?? TABS[0];
  const [, , Panel] = current;
  return (
    <Page
      title="Settings"
      lead="The catalog of this computer, its keys, what it keeps, and how the windows look."
    >
      <Tabs
        value={current[0]}
        onChange={(tab) => tab !== null && navigate(`/settings/${tab}`)}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {TABS.map(([tab, name]) => (
            <Tabs.Tab key={tab} value={tab}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={current[0]}>
          <Panel />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
