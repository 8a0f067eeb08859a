import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../../../sandbox/index.ts';
import { parseLine } from '../../../model/exact-json.ts';
import { SECTIONS, type Section } from '../../../model/sections.ts';
import type { CaptureFacts } from '../../../model/snapshot.ts';
import { createAdminApiConnector } from '../../admin-api/index.ts';
import { realmContent } from '../../testing/conformance-content.ts';
import type { Connector } from '../../connector.ts';
import { createPostgresConnector } from '../index.ts';

let sandbox: Sandbox;
let target: EnvironmentHandle;
let connectors: { readonly api: Connector; readonly postgres: Connector };

beforeAll(async () => {
  sandbox = await startSandbox({
    environments: [{ name: 'target', seed: 'dev' }],
    users: 1_500,
    bcryptCost: 4,
  });
  target = sandbox.environment('target');
  const { apiUrl, clientId, clientSecret, pgUrl } = target;
  connectors = {
    api: createAdminApiConnector({ name: 'target', apiUrl, clientId, clientSecret }),
    postgres: createPostgresConnector({ name: 'target', url: pgUrl }),
  };
  const { sections } = realmContent('odd', 50, { passwordPolicy: { minLength: 8, a: [1.5e10, null] } });
  const { realm: [realm = {}] = [], ...others } = sections;
  const { name, ...settings } = realm;
  const response = await fetch(`${apiUrl}/admin/realms/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${target.issueToken()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ realm: { id: name, ...settings }, ...others }),
  });
  if (!response.ok) throw new Error(`Seeding failed: ${response.status}`);
});
afterAll(async () => {
  await Promise.all(Object.values(connectors ?? {}).map((connector) => connector.close()));
  await sandbox?.stop();
});

type Lines = ReadonlyMap<Section, ReadonlyMap<string, Buffer>>;

async function lines(connector: Connector, realm: string): Promise<{ facts: CaptureFacts; lines: Lines }> {
  const capture = connector.capture(realm, {}, new AbortController().signal);
  const read = new Map<Section, Map<string, Buffer>>(SECTIONS.map((section) => [section, new Map()]));
  for await (const { section, records } of capture.batches)
    for (const { key, line } of records) read.get(section)!.set(key, line);
  return { facts: capture.facts(), lines: read };
}

describe.each(['odd', 'acme', 'field-ops', 'partner-portal', 'master'])('the realm %s', (realm) => {
  it('has the same bytes over both channels, in all that both know', async () => {
    const [api, postgres] = [await lines(connectors.api, realm), await lines(connectors.postgres, realm)];
    for (const section of api.facts.sections) {
      const known = api.facts.knows[section]!.filter((member) =>
        postgres.facts.knows[section]!.includes(member),
      );
      expect(known.length).toBeGreaterThan(2);
      const [there, here] = [api.lines.get(section)!, postgres.lines.get(section)!];
      expect([...here.keys()].sort()).toEqual([...there.keys()].sort());
      for (const [key, line] of there) expect(only(known, here.get(key)!)).toBe(only(known, line));
    }
    expect(api.facts.sections).toEqual(['realm', 'roles', 'clients', 'users']);
  });
});

/** Of a line the members of these names, as they stand there. What a server hid, both cannot know. */
function only(names: readonly string[], line: Buffer): string {
  const text = JSON.stringify(
    Object.fromEntries(Object.entries(parseLine(line)).filter(([name]) => names.includes(name))),
  );
  return text.replace(/"password":(?:\{"\$secret":"redacted"\}|"(?:[^"\\]|\\.)*")/, '"password":?');
}
