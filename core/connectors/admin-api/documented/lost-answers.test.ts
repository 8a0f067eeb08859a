import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../../contract/errors.ts';
import {
  startSandbox,
  type EnvironmentHandle,
  type Fault,
  type FaultRequest,
  type Sandbox,
} from '../../../../sandbox/index.ts';
import { realmContent } from '../../testing/conformance-content.ts';
import { capture, expectRecords } from '../../testing/conformance-state.ts';
import type { ApplyItem, ApplyStep, ApplyTarget, Connector, StepOutcome } from '../../connector.ts';
import { canonicalBody } from '../../../model/canonical.ts';
import { naturalKey } from '../../../model/natural-key.ts';
import type { Section } from '../../../model/sections.ts';
import { createAdminApiConnector, type AdminApiSettings } from '../index.ts';

// What a real server does when its answer gets lost: the work is done all the same, or not, and nobody says which.

const signal = new AbortController().signal;
let sandbox: Sandbox;
let target: EnvironmentHandle;
let fault: ((request: FaultRequest) => Fault | undefined) | undefined;
const connectors: Connector[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({
    environments: ['target'],
    seed: false,
    bcryptCost: 4,
    onRequest: (request) => fault?.(request),
  });
  target = sandbox.environment('target');
});
afterEach(async () => {
  fault = undefined;
  for (const connector of connectors.splice(0)) await connector.close();
});
afterAll(async () => await sandbox?.stop());

function connect(more: Partial<AdminApiSettings> = {}): Connector {
  const connector = createAdminApiConnector({
    name: 'target',
    apiUrl: target.apiUrl,
    clientId: target.clientId,
    clientSecret: target.clientSecret,
    retry: { baseMs: 1, maxMs: 5 },
    ...more,
  });
  connectors.push(connector);
  return connector;
}

function items(
  realm: string,
  users: number,
  sections: Section[] = ['realm', 'roles', 'clients', 'users'],
): ApplyItem[] {
  const content = realmContent(realm, users);
  return sections.flatMap((section) =>
    (content.sections[section] ?? []).map((record) => {
      const body = canonicalBody(section, record);
      return { section, key: naturalKey(section, body), action: 'create', body } as const;
    }),
  );
}

async function stepsOf(
  connector: Connector,
  target: ApplyTarget,
  all: readonly ApplyItem[],
): Promise<ApplyStep[]> {
  async function* once(): AsyncGenerator<readonly ApplyItem[]> {
    yield await Promise.resolve(all);
  }
  const steps: ApplyStep[] = [];
  const session = await connector.openTarget(target.realm, {}, signal);
  for await (const step of session.applySteps(target, once())) steps.push(step);
  return steps;
}

async function applied(
  connector: Connector,
  realm: string,
  mode: ApplyTarget['mode'],
  all: readonly ApplyItem[],
): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  for (const step of await stepsOf(connector, { realm, mode }, all)) outcomes.push(await step.run(signal));
  return outcomes;
}

/** The fault for the first request that fits; the others pass. */
function once(method: string, path: RegExp, what: Fault): void {
  let done = false;
  fault = (request) => {
    if (done || request.method !== method || !path.test(request.path)) return undefined;
    done = true;
    return what;
  };
}

async function expectAsSent(connector: Connector, realm: string, users: number): Promise<void> {
  const captured = await capture(connector, realm);
  const { sections } = realmContent(realm, users);
  for (const section of ['realm', 'roles', 'clients', 'users'] as const)
    expectRecords(captured, section, sections[section] ?? []);
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe('writing', () => {
  it.each([
    ['done and its answer lost', { kind: 'loseAnswer' }],
    ['never done', { kind: 'refuse' }],
    ['done and its answer cut', { kind: 'breakAfter', bytes: 5 }],
  ] satisfies [string, Fault][])('a new realm that was %s ends up as sent, once', async (name, what) => {
    const realm = `new-${name.replaceAll(' ', '-')}`;
    const connector = connect();
    once('POST', /\/admin\/realms\/import$/, what);
    const [first] = await applied(connector, realm, 'create', items(realm, 20));
    expect(first).toMatchObject({ failures: [], retries: 1 });
    await expectAsSent(connector, realm, 20);
  });

  it.each([
    ['done and its answer lost', { kind: 'loseAnswer' }],
    ['answered with half of it', { kind: 'truncateAfter', bytes: 5 }],
  ] satisfies [string, Fault][])('an overwrite that was %s is recognised', async (name, what) => {
    const realm = `over-${name.replaceAll(' ', '-')}`;
    const connector = connect();
    await applied(connector, realm, 'create', items(realm, 50));
    once('POST', /\/admin\/realms\/import$/, what);
    await applied(connector, realm, 'overwrite', items(realm, 20));
    await expectAsSent(connector, realm, 20);
  });

  it('a refusal is told as it came, also where what stands there cannot be looked at', async () => {
    const connector = connect({ retry: { attempts: 1 } });
    const steps = await stepsOf(connector, { realm: 'refused', mode: 'create' }, items('refused', 0));
    let refused = false;
    fault = ({ method }) => {
      refused ||= method === 'POST';
      return refused ? { kind: 'answer', status: method === 'POST' ? 403 : 502 } : undefined;
    };
    const error = await failure(steps[0]!.run(signal));
    expect(error.code).toBe('FORBIDDEN');
    expect(error.message).toMatch(/^Could not create realm “refused”.*could not be looked at\.$/);
    expect(error).toMatchObject({ notChanged: '', details: { outcome: 'unknown' } });
  });

  it('an overwrite that did not happen is not taken for one', async () => {
    const connector = connect();
    await applied(connector, 'over-not', 'create', items('over-not', 50));
    once('POST', /\/admin\/realms\/import$/, { kind: 'refuse' });
    const error = await failure(applied(connector, 'over-not', 'overwrite', items('over-not', 20)));
    expect(error.code).toBe('CONNECTION_LOST');
    expect(error.message).toContain('not as it was sent');
    await expectAsSent(connector, 'over-not', 50);
  });

  it('users arrive once, whatever happened to the answer', async () => {
    for (const what of [{ kind: 'loseAnswer' }, { kind: 'refuse' }] satisfies Fault[]) {
      const realm = `users-${what.kind.toLowerCase()}`;
      const connector = connect({ batchSize: 10 });
      once('POST', /users\/import$/, what);
      const outcomes = await applied(connector, realm, 'create', items(realm, 20));
      expect(outcomes.reduce((sum, outcome) => sum + outcome.retries, 0)).toBe(1);
      await expectAsSent(connector, realm, 20);
    }
  });

  it('one user whose e-mail is taken costs only that user, and is named', async () => {
    const connector = connect();
    await applied(connector, 'one-bad', 'create', items('one-bad', 30));
    const more = Array.from({ length: 60 }, (_, i): ApplyItem => {
      const username = `more-${String(i).padStart(2, '0')}`;
      const email =
        i === 41 ? 'u3@one-bad.example.com' : i === 50 ? 'no e-mail' : `${username}@one-bad.example.com`;
      return { section: 'users', key: username, action: 'create', body: { username, email } };
    });
    const [outcome] = await applied(connector, 'one-bad', 'merge', more);
    expect(outcome?.failures.map((each) => each.key).toSorted()).toEqual(['more-41', 'more-50']);
    expect(outcome?.failures.find((each) => each.key === 'more-50')?.reason).toContain('e-mail address');
    const users = (await capture(connector, 'one-bad')).sections.get('users')!;
    expect([...users.keys()].filter((key) => key.startsWith('more-'))).toHaveLength(58);
  });

  it('users that were there already are told of', async () => {
    const connector = connect();
    await applied(connector, 'skipping', 'create', items('skipping', 5));
    const [outcome] = await applied(connector, 'skipping', 'merge', items('skipping', 7, ['users']));
    expect(outcome?.failures).toEqual([]);
    expect(outcome?.warnings?.[0]).toMatch(/^28 of 30 users, .* existed already/);
  });
});

describe('tokens', () => {
  it('that were revoked in the middle of a job are renewed', async () => {
    const connector = connect({ batchSize: 10 });
    const steps = await stepsOf(connector, { realm: 'revoked', mode: 'create' }, items('revoked', 30));
    for (const step of steps) {
      target.revokeTokens();
      expect((await step.run(signal)).failures).toEqual([]);
    }
    await expectAsSent(connector, 'revoked', 30);
  });

  it('of a client without rights are FORBIDDEN, and the probe says what for', async () => {
    const connector = connect(target.limitedClient);
    expect((await failure(capture(connector, 'master'))).code).toBe('FORBIDDEN');
    const report = await connector.probe(signal);
    expect(report.usable).toBe(false);
    expect(report.steps.find((step) => step.name === 'Rights')?.verdict).toBe('failed');
  });

  it('for a wrong secret are AUTH_FAILED', async () => {
    const error = await failure(capture(connect({ clientSecret: 'wrong' }), 'master'));
    expect(error.code).toBe('AUTH_FAILED');
    expect(error.notChanged).not.toBe('');
  });
});

describe('reading', () => {
  it.each([
    ['breakAfter', 'CONNECTION_LOST'],
    ['truncateAfter', 'UNEXPECTED_ANSWER'],
    ['stallAfter', 'TIMEOUT'],
  ] as const)('an export with %s is %s, and works the next time', async (kind, code) => {
    const realm = `reading-${kind.toLowerCase()}`;
    const connector = connect({ timeouts: { idleMs: 500 } });
    await applied(connector, realm, 'create', items(realm, 1_000));
    once('GET', /\/export$/, { kind, bytes: 150_000 });
    const error = await failure(capture(connector, realm));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/\d+ records had arrived/);
    expect(error.notChanged).toContain('No snapshot');
    await expectAsSent(connector, realm, 1_000);
  });
});
