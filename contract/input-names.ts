/** What the parts of an input are called by those who give them. */
const INPUT_NAMES: Readonly<Record<string, string>> = {
  '': 'input',
  name: 'the name',
  newName: 'the new name (--name)',
  cron: 'the cron expression (--cron)',
  timeZone: 'the time zone (--time-zone)',
  'onFailure.webhookUrl': 'the address of the webhook (--webhook-url-env)',
  'policy.realmName': 'the realm’s name on the target (--realm-name)',
  'policy.exclude': 'the records to leave out (--exclude)',
  'policy.update': 'the users and clients to change though others are not (--update)',
  'api.apiUrl': 'the address of the Admin API (--api-url)',
  'api.authUrl': 'the address that issues tokens (--auth-url)',
  'api.gatewayUrl': 'the address of the gateway (--gateway-url)',
  'api.clientId': 'the client’s id (--client-id)',
  'api.clientSecret': 'the client’s secret (--client-secret-env, --client-secret-file)',
  'api.caPem': 'the certificate authority of the Admin API (--ca-file)',
  'api.scopes': 'what a token is asked for with (--api-scope)',
  'api.limits.concurrency': 'calls under way at a time (--api-concurrency)',
  'api.limits.requestsPerSecond': 'calls in a second (--api-rate)',
  'postgres.url': 'the address of the PostgreSQL server (--pg-url)',
  'postgres.password': 'the password of the databases (--pg-password-env, --pg-password-file)',
  'postgres.databases': 'the databases of the services (--pg-database)',
  'postgres.tls.mode': 'the encryption to PostgreSQL (--pg-sslmode)',
  'postgres.tls.caPem': 'the certificate authority of the PostgreSQL server (--pg-ca-file)',
  'postgres.tls.certPem': 'the client certificate for PostgreSQL (--pg-cert-file)',
  'postgres.tls.keyPem': 'the key of the client certificate for PostgreSQL (--pg-key-file)',
  'policy.timeZone': 'the time zone (--time-zone)',
  'policy.keepWithin': 'the time to keep (--keep-within)',
  'policy.keepTags': 'the tags to keep by (--keep-tag)',
  'postgres.timeouts.lockMs': 'how long to wait for a lock (--pg-lock-timeout)',
};

/** A part of an input, as the one who gave it calls it; by the nearest part around it that has a name. */
export function inputName(path: string): string {
  for (let part = path; part !== ''; part = part.slice(0, Math.max(part.lastIndexOf('.'), 0)))
    if (Object.hasOwn(INPUT_NAMES, part)) return INPUT_NAMES[part]!;
  return path === '' ? INPUT_NAMES['']! : path;
}
