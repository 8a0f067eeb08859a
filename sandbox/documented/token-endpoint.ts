import { readForm } from '../http/body.ts';
import { json, Refusal, type Reply } from '../http/reply.ts';
import type { Call } from '../http/router.ts';
import type { Tokens } from '../http/tokens.ts';

/**
 * Client credentials, with the secret in the form (as the documentation's commands send it) or as basic
 * authentication (RFC 6749, 2.3.1). Errors have the form of RFC 6749, 5.2.
 */
export async function issueToken(tokens: Tokens, call: Call): Promise<Reply> {
  const form = await readForm(call.request);
  const grant = form.get('grant_type');
  if (grant === null) throw oauthError(400, 'invalid_request', 'grant_type is missing.');
  if (grant !== 'client_credentials')
    throw oauthError(400, 'unsupported_grant_type', 'Only client_credentials is supported.');
  const { id, secret } = credentials(call.request.headers.authorization, form);
  const client = tokens.authenticate(id, secret);
  if (!client) throw oauthError(401, 'invalid_client', 'Client authentication failed.');
  const issuer = `http://${call.request.headers.host ?? 'localhost'}/realms/${call.parameters['realm'] ?? ''}`;
  const { token, expiresInSeconds } = tokens.issue(client, issuer);
  return json(
    200,
    { access_token: token, token_type: 'Bearer', expires_in: expiresInSeconds, scope: 'openid' },
    { 'cache-control': 'no-store', pragma: 'no-cache' },
  );
}

function credentials(
  authorization: string | undefined,
  form: URLSearchParams,
): { id: string; secret: string } {
  const basic = /^Basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined)
    return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
  const [id = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { id: formDecode(id), secret: formDecode(rest.join(':')) };
}

/** Both parts of basic client authentication are form-encoded first. */
function formDecode(text: string): string {
  return new URLSearchParams(`v=${text.replaceAll('&', '%26')}`).get('v') ?? '';
}

function oauthError(status: 400 | 401, code: string, description: string): Refusal {
  return new Refusal(status, code, description, {
    members: { error_description: description },
    headers: status === 401 ? { 'www-authenticate': 'Basic realm="opengate"' } : {},
  });
}
