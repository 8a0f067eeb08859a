import { getCACertificates } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { isAppError } from '../../../contract/errors.ts';
import type { Connector, ProbeReport } from '../connector.ts';
import { tlsTrust } from './http.ts';
import { createAdminApiConnector, type AdminApiSettings } from './index.ts';
import {
  quickSettings,
  sendJson,
  sendToken,
  startScripted,
  type ScriptedServer,
} from './testing/scripted-server.ts';
import { makeAuthority, makeServerCertificate, type TestCertificate } from './testing/certificates.ts';

const signal = new AbortController().signal;
const authority = makeAuthority('ACME Private Root');
const open: (ScriptedServer | Connector)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function serving(certificate: TestCertificate | undefined): Promise<ScriptedServer> {
  const server = await startScripted((asked, response) => {
    if (sendToken(asked, response)) return;
    if (asked.authorization === undefined) sendJson(response, 401, {});
    else if (asked.path.startsWith('/api/realms')) sendJson(response, 200, [{ name: 'acme' }]);
    else sendJson(response, 200, { realm: { id: 'acme' } });
  }, certificate);
  open.push(server);
  return server;
}

function connect(url: string, more: Partial<AdminApiSettings> = {}): Connector {
  const connector = createAdminApiConnector({ ...quickSettings(url), ...more });
  open.push(connector);
  return connector;
}

/** "reached", or what it failed with. */
async function reach(connector: Connector): Promise<string> {
  try {
    await connector.realmExists('acme', signal);
    return 'reached';
  } catch (error) {
    return isAppError(error) ? `${error.code}: ${error.message} ${error.remedy}` : 'no AppError';
  }
}

function tlsStep(report: ProbeReport): ProbeReport['steps'][number] | undefined {
  return report.steps.find((step) => step.name === 'TLS');
}

const caPem = authority.cert;

describe('TLS', () => {
  it('a certificate of a private authority is refused without it and accepted with it', async () => {
    const { url } = await serving(makeServerCertificate({ names: ['127.0.0.1'] }, authority));
    expect(await reach(connect(url))).toMatch(/^TLS_FAILED: .*issuer is not known here.*CA certificate/s);
    expect(await reach(connect(url, { caPem }))).toBe('reached');
  });

  it('a private authority comes beside the usual ones: the gateway may have a public certificate', () => {
    const { ca } = tlsTrust({ caPem });
    expect(ca).toEqual([...getCACertificates('default'), caPem]);
    expect(ca!.length).toBeGreaterThan(1);
  });

  it('a self-signed certificate is named as such; given as the CA it is accepted', async () => {
    const own = makeServerCertificate({ names: ['127.0.0.1'] });
    const { url } = await serving(own);
    expect(await reach(connect(url))).toMatch(/^TLS_FAILED: .*self-signed.*CA certificate/s);
    expect(await reach(connect(url, { caPem: own.cert }))).toBe('reached');
  });

  it('an expired certificate is refused, private authority or not', async () => {
    const { url } = await serving(
      makeServerCertificate({ names: ['127.0.0.1'], fromDays: -30, untilDays: -2 }, authority),
    );
    expect(await reach(connect(url, { caPem }))).toMatch(/^TLS_FAILED: .*expired.*Renew/s);
  });

  it('a certificate for another name is refused, and says which names it has', async () => {
    const { url } = await serving(makeServerCertificate({ names: ['other.example.com'] }, authority));
    expect(await reach(connect(url, { caPem }))).toMatch(/^TLS_FAILED: .*another name.*other\.example\.com/s);
  });

  it('a server without TLS behind https, and one with TLS behind http, are told apart', async () => {
    const plain = await serving(undefined);
    expect(await reach(connect(plain.url.replace('http:', 'https:')))).toMatch(
      /^TLS_FAILED: .*does not speak TLS.*http:\/\//s,
    );
    const encrypted = await serving(makeServerCertificate({ names: ['127.0.0.1'] }, authority));
    expect(await reach(connect(encrypted.url.replace('https:', 'http:')))).not.toMatch(
      /^reached|no AppError/,
    );
  });

  it('is not tried again: a wrong certificate stays wrong', async () => {
    const { url } = await serving(makeServerCertificate({ names: ['127.0.0.1'] }));
    const waits: number[] = [];
    const connector = createAdminApiConnector(quickSettings(url, waits));
    open.push(connector);
    await reach(connector);
    expect(waits).toEqual([]);
  });

  it('verification can be switched off, and the probe is loud about it', async () => {
    const { url } = await serving(makeServerCertificate({ names: ['other.example.com'], untilDays: -1 }));
    const connector = connect(url, { insecureTls: true });
    expect(await reach(connector)).toBe('reached');
    expect(tlsStep(await connector.probe(signal))).toMatchObject({
      verdict: 'finding',
      text: expect.stringContaining('verification is switched off') as string,
    });
  });
});

describe('the probe', () => {
  it('tells version, authority and date', async () => {
    const { url } = await serving(makeServerCertificate({ names: ['127.0.0.1'] }, authority));
    const step = tlsStep(await connect(url, { caPem }).probe(signal));
    expect(step?.verdict).toBe('ok');
    expect(step?.text).toMatch(
      /^TLSv1\.3, certificate from ACME Private Root, valid until \d{4}-\d\d-\d\d\.$/,
    );
  });

  it('finds a certificate that expires soon', async () => {
    const { url } = await serving(
      makeServerCertificate({ names: ['127.0.0.1'], untilDays: 10.5 }, authority),
    );
    const step = tlsStep(await connect(url, { caPem }).probe(signal));
    expect(step?.verdict).toBe('finding');
    expect(step?.text).toContain('expires in 10 days');
  });

  it('stops at a certificate that is not trusted, without sending the secret', async () => {
    const server = await serving(makeServerCertificate({ names: ['127.0.0.1'] }, authority));
    const report = await connect(server.url).probe(signal);
    expect(report.usable).toBe(false);
    expect(report.steps.map((step) => `${step.name}: ${step.verdict}`)).toEqual([
      'Address: ok',
      'TLS: failed',
      'Token: skipped',
      'Realms: skipped',
      'Dialect: skipped',
      'Token is checked: skipped',
      'Rights: skipped',
    ]);
    expect(server.asked).toEqual([]);
  });
});
