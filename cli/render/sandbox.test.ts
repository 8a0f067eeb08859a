import { expect, test } from 'vitest';
import type { SandboxEnvironment } from '../../sandbox/index.ts';
import { captured } from '../../test/cli/captured.ts';
import { Io } from '../io.ts';
import { sandboxLines } from './sandbox.ts';

const DOCUMENTED: SandboxEnvironment = {
  name: 'dev',
  dialect: 'documented',
  apiUrl: 'http://127.0.0.1:8089',
  authUrl: 'http://127.0.0.1:8089',
  gatewayUrl: 'http://127.0.0.1:8089',
  clientId: 'admin-cli',
  clientSecret: 'secret',
  pgUrl: 'postgres://opengate:x@127.0.0.1:8091/',
  databases: { realm: 'r', user: 'u', rbac: 'b', client: 'c' },
  realms: ['acme'],
};

const RELEASED: SandboxEnvironment = {
  ...DOCUMENTED,
  dialect: 'v1.1',
  apiUrl: 'http://127.0.0.1:9089',
  authUrl: 'http://127.0.0.1:9081',
  gatewayUrl: 'http://127.0.0.1:9080',
  services: {
    user: 'http://127.0.0.1:9082',
    realm: 'http://127.0.0.1:9083',
    rbac: 'http://127.0.0.1:9084',
    client: 'http://127.0.0.1:9085',
  },
};

const shown = (environment: SandboxEnvironment): string =>
  sandboxLines([environment], new Io(captured({}), {})).join('\n');

test('one address for everything is shown once for what it is, and no gateway beside it', () => {
  const text = shown(DOCUMENTED);
  expect(text).toMatch(/Admin API +http:\/\/127\.0\.0\.1:8089/);
  expect(text).not.toMatch(/gateway/i);
});

test('in v1.1 each server has its line, and the gateway is named to env add', () => {
  const text = shown(RELEASED);
  for (const [title, port] of [
    ['Admin API', 9089],
    ['Tokens', 9081],
    ['Gateway', 9080],
    ['User service', 9082],
    ['Realm service', 9083],
    ['RBAC service', 9084],
    ['Client service', 9085],
  ])
    expect(text).toMatch(new RegExp(`${title} +http://127\\.0\\.0\\.1:${port}\\n`));
  expect(text).toContain(
    '--api-url http://127.0.0.1:9089 --auth-url http://127.0.0.1:9081 --gateway-url http://127.0.0.1:9080 ',
  );
});
