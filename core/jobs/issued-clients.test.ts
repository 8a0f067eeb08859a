import { expect, it } from 'vitest';
import { api } from '../planner/testing/captures.ts';
import { issuedAs } from './issued-clients.ts';

it('knows again what was created for a client, whatever that is called', async () => {
  const source = api({
    clients: [
      { clientId: '__proto__', name: 'odd' },
      { clientId: 'portal', name: 'Portal' },
      { clientId: 'there', name: 'There' },
      { clientId: 'web', name: 'Web' },
    ],
  });
  const target = api({
    clients: [
      { clientId: 'client-00000001', name: 'odd' },
      { clientId: 'client-00000002', name: 'Portal, renamed since' },
      { clientId: 'client-00000003', name: 'Web', publicClient: true },
      { clientId: 'there', name: 'There' },
    ],
  });
  const remembered = new Map([['portal', 'client-00000002']]);
  expect(Object.entries(await issuedAs({ source, target }, remembered))).toEqual([
    ['__proto__', 'client-00000001'],
    ['portal', 'client-00000002'],
  ]);
});
