import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VariableExpander } from './document-variables.ts';
import { chunked, readAll, refusal } from './testing/read-all.ts';

const from = (values: Record<string, string>): VariableExpander =>
  new VariableExpander((name) => (Object.hasOwn(values, name) ? values[name] : undefined));

async function realmOf(realm: object, values: Record<string, string>): Promise<unknown> {
  const { lines } = await readAll(JSON.stringify({ realm }), { variables: from(values) });
  return JSON.parse(lines.realm![0]!);
}

describe('variables in a document', () => {
  it('stand in texts at any depth, with defaults where they are not set or empty', async () => {
    const realm = {
      id: '${REALM}',
      displayName: 'a ${A}${A:-x} ${EMPTY:-empty} ${NONE:-:-} ${NONE:-}|',
      smtpConfig: { list: [{ deep: '${A}' }] },
    };
    expect(await realmOf(realm, { REALM: 'shop', A: 'b', EMPTY: '' })).toEqual({
      name: 'shop',
      displayName: 'a bb empty :- |',
      smtpConfig: { list: [{ deep: 'b' }] },
    });
  });

  it('are not expanded in names, not again, and not where they are escaped or nobody asked', async () => {
    const realm = { id: 'shop', displayName: '$${A} $A {A} $$ ${A}', '${A}': 1 };
    expect(await realmOf(realm, { A: '${B}"},\n{' })).toEqual({
      name: 'shop',
      displayName: '${A} $A {A} $$ ${B}"},\n{',
      '${A}': 1,
    });
    const { lines } = await readAll('{"realm":{"id":"shop","displayName":"${A}"}}');
    expect(lines.realm).toEqual(['{"name":"shop","displayName":"${A}"}']);
  });

  it('whatever they hold, keep the structure of the document', async () => {
    const anything = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000'));
    await fc.assert(
      fc.asyncProperty(anything, anything, fc.array(fc.nat(40)), async (a, b, sizes) => {
        const document = JSON.stringify({
          roles: [{ name: 'r', description: '<${A}|${B}>' }],
          users: [{ username: 'u', roles: ['${A}', 'x'] }],
        });
        const { lines } = await readAll(chunked(Buffer.from(document), sizes), {
          variables: from({ A: a, B: b }),
        });
        expect(lines.roles!.map((line) => JSON.parse(line))).toEqual([
          { name: 'r', description: `<${a}|${b}>` },
        ]);
        const [user] = lines.users!.map((line) => JSON.parse(line) as { roles: string[] });
        expect(new Set(user!.roles)).toEqual(new Set([a, 'x']));
      }),
    );
  });

  it('become numbers and truths where these belong, by whichever name the member goes', async () => {
    const realm = {
      id: 'shop',
      mfaRequired: '${MFA}',
      tokenLifespanSeconds: '${LIFE:-60}',
      smtpConfig: { port: '${PORT}', host: '${PORT}', within: { port: '${PORT}' } },
    };
    expect(await realmOf(realm, { MFA: 'true', PORT: '25' })).toEqual({
      name: 'shop',
      accessTokenLifespan: 60,
      mfaRequired: true,
      smtpConfig: { port: 25, host: '25', within: { port: '25' } },
    });
    const bare = '{"name":"shop","displayName":"${A}","mfaRequired":"${MFA}"}';
    const { lines } = await readAll(bare, { variables: from({ A: 'a', MFA: 'false' }) });
    expect(JSON.parse(lines.realm![0]!)).toEqual({ name: 'shop', displayName: 'a', mfaRequired: false });
  });

  it('that do not fit are named with their place, and what they hold is not told', async () => {
    const document = '{"realm":{"id":"shop"},\n"users":[{"username":"a","enabled":"${ON}"}]}';
    const error = await refusal(document, { variables: from({ ON: 'geheim' }) });
    expect(error).toMatchObject({ code: 'INVALID_DOCUMENT', details: { path: 'users[0].enabled', line: 2 } });
    expect(error.message).toContain('“ON”');
    expect(JSON.stringify([error.message, error.remedy, error.details])).not.toContain('geheim');
    const number = await refusal('{"name":"shop","displayName":"x","accessTokenLifespan":"${N}"}', {
      variables: from({ N: '1e3' }),
    });
    expect(number.message).toContain('at accessTokenLifespan: expected a whole number');
  });

  it('that are not set are named all at once, those among numbers too', async () => {
    const document = JSON.stringify({
      realm: { id: 'shop', mfaRequired: '${B}' },
      users: [{ username: '${C}', email: '${A}' }],
    });
    const variables = from({});
    const error = await refusal(document, { name: 'seed.json', variables });
    expect(error).toMatchObject({ code: 'VARIABLE_UNDEFINED', details: { variables: ['B', 'C', 'A'] } });
    expect(error.message).toBe(
      'seed.json needs 3 environment variables that are not set: “B” at realm.mfaRequired, “C” at users[0].username, “A” at users[0].email.',
    );
  });

  it.each(['${', '${}', '${A', '${A-b}', '${1}', '${A:-${B}}', '${A B}', '${A:?x}'])(
    'are written in two ways, and “%s” is none of them',
    async (text) => {
      const document = JSON.stringify({ realm: { id: 'shop', displayName: text } });
      const error = await refusal(document, { variables: from({ A: 'a', B: 'b' }) });
      expect(error).toMatchObject({ code: 'INVALID_DOCUMENT', details: { path: 'realm.displayName' } });
      expect(error.remedy).toContain('$${');
    },
  );

  it('cannot make a record larger than a record may be', async () => {
    const document = JSON.stringify({ realm: { id: 'shop', displayName: '${A}'.repeat(1000) } });
    const limits = { recordBytes: 20_000 };
    const error = await refusal(document, { limits, variables: from({ A: 'x'.repeat(100) }) });
    expect(error).toMatchObject({ code: 'DOCUMENT_TOO_LARGE', details: { limit: 20_000 } });
  });

  it('are told by name, and those that seem to be secrets in a place that is none are warned about', async () => {
    const variables = from({ SMTP_PASSWORD: 'x', HOST: 'h', API_TOKEN: 't' });
    const realm = {
      id: 'shop',
      displayName: '${API_TOKEN}',
      smtpConfig: { password: '${SMTP_PASSWORD}', host: '${HOST}', from: '${FROM:-me}' },
    };
    const { facts } = await readAll(JSON.stringify({ realm }), { variables });
    expect(variables.used()).toEqual([
      { name: 'API_TOKEN', default: false },
      { name: 'FROM', default: true },
      { name: 'HOST', default: false },
      { name: 'SMTP_PASSWORD', default: false },
    ]);
    expect(facts.warnings).toEqual([expect.stringMatching(/“API_TOKEN” .* at realm\.displayName/)]);
  });
});
