import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { proxyFor, proxySecrets, type ProxyVariables } from './proxy.ts';

const PROXY = { HTTP_PROXY: 'http://web:3128', HTTPS_PROXY: 'http://tls:3128' };

function chosen(origin: string, variables: ProxyVariables): string | undefined {
  const proxy = proxyFor(origin, variables);
  return proxy && `${proxy.variable} ${proxy.origin}`;
}

describe('which proxy', () => {
  it.each<[string, ProxyVariables, string | undefined]>([
    ['http://host:9089', PROXY, 'HTTP_PROXY http://web:3128'],
    ['https://host:9089', PROXY, 'HTTPS_PROXY http://tls:3128'],
    ['https://host', { HTTP_PROXY: 'http://web:3128' }, undefined],
    ['https://host', { ALL_PROXY: 'any:8080' }, 'ALL_PROXY http://any:8080'],
    ['https://host', { ALL_PROXY: 'any', HTTPS_PROXY: 'https://tls' }, 'HTTPS_PROXY https://tls'],
    ['https://host', { HTTPS_PROXY: 'upper', https_proxy: 'lower' }, 'https_proxy http://lower'],
    ['https://host', { https_proxy: '', HTTPS_PROXY: ' ' }, undefined],
    ['https://host', {}, undefined],
  ])('to %s with %o is %s', (origin, variables, expected) => {
    expect(chosen(origin, variables)).toBe(expected);
  });

  it.each([
    'http://localhost:9089',
    'https://dev.localhost',
    'http://127.0.0.1:1',
    'http://127.8.9.10',
    'http://[::1]:80',
  ])('to this computer (%s) is none', (origin) => {
    expect(chosen(origin, PROXY)).toBeUndefined();
  });

  it.each([
    ['host.example', 'http://host.example', true],
    ['example', 'http://host.example', true],
    ['.example', 'http://host.example', true],
    ['*.example', 'http://host.example', true],
    ['xample', 'http://host.example', false],
    ['HOST.example.', 'http://host.example', true],
    ['other,  host.example', 'http://host.example', true],
    ['other host.example', 'http://host.example', true],
    ['*', 'https://host.example', true],
    ['host.example:443', 'https://host.example', true],
    ['host.example:443', 'https://host.example:8443', false],
    ['host.example:80', 'http://host.example', true],
    ['10.1.0.0/16', 'http://10.1.2.3:9089', true],
    ['10.1.0.0/16', 'http://10.2.2.3', false],
    ['10.1.0.0/99', 'http://10.1.0.1', false],
    ['10.1.0.0/16', 'http://host.example', false],
    ['10.1.2.3', 'http://10.1.2.3', true],
    ['fd00::/8', 'http://[fd00::5]:80', true],
    ['fd00::5', 'http://[fd00::5]:80', true],
    ['[fd00::5]:81', 'http://[fd00::5]', false],
    ['', 'http://host.example', false],
    [',', 'http://host.example', false],
  ])('NO_PROXY %j for %s: exempt %s', (list, origin, exempt) => {
    expect(chosen(origin, { ...PROXY, NO_PROXY: list }) === undefined).toBe(exempt);
  });
});

describe('the credentials of a proxy', () => {
  it('are sent as they were meant, and cannot be printed', () => {
    const variables = { HTTPS_PROXY: 'http://me:p%40ss%3Aw%zz@proxy:3128' };
    const proxy = proxyFor('https://host', variables)!;
    const sent = proxy.headers()['proxy-authorization']!;
    expect(Buffer.from(sent.slice('Basic '.length), 'base64').toString()).toBe('me:p%40ss%3Aw%zz');
    expect(inspect(proxy, { depth: 9, showHidden: true }) + JSON.stringify(proxy) + proxy.name).not.toMatch(
      /p%40ss|p@ss|bWU6/,
    );
    expect(proxySecrets(variables)).toContain('p%40ss%3Aw%zz');
  });

  it('may be encoded', () => {
    const proxy = proxyFor('https://host', { HTTPS_PROXY: 'http://me:p%40ss@proxy:3128' })!;
    expect(proxy.headers()).toEqual({ 'proxy-authorization': `Basic ${btoa('me:p@ss')}` });
    expect(proxy.name).toBe('the proxy http://proxy:3128 (HTTPS_PROXY)');
  });

  it('are not sent where there are none', () => {
    expect(proxyFor('https://host', PROXY)!.headers()).toEqual({});
    expect(proxySecrets(PROXY)).toEqual([]);
  });

  it('are not quoted when the address is wrong', () => {
    for (const value of ['http://me:s3cret@:::', 'socks5://me:s3cret@proxy:1080']) {
      const error = (() => {
        try {
          return proxyFor('https://host', { ALL_PROXY: value });
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('ALL_PROXY') });
      expect(inspect(error)).not.toContain('s3cret');
    }
  });
});
