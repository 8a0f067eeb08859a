import type { SandboxEnvironment } from '../../sandbox/index.ts';
import type { Io } from '../io.ts';
import { table } from './table.ts';

/** What a person needs to go on: where the stand-ins are, how to log in, and what to type. */
export function sandboxLines(environments: readonly SandboxEnvironment[], io: Io): string[] {
  const [first, second] = environments;
  return [
    ...environments.flatMap((environment) => [
      io.paint.bold(environment.name),
      ...table(
        [{ title: '' }, { title: '' }],
        [
          ...addresses(environment),
          ['Client', environment.clientId],
          ['Secret', environment.clientSecret],
          ['Realms', environment.realms.join(', ')],
          ['PostgreSQL', environment.pgUrl],
        ],
        '  ',
      ),
      '',
    ]),
    'In another terminal (leave out what begins with --pg- to see how far the Admin API alone comes):',
    ...environments.flatMap(({ name, apiUrl, authUrl, gatewayUrl, clientId, clientSecret, pgUrl }) => [
      `  export ${variableOf(name)}_SECRET=${clientSecret} ${variableOf(name)}_DATABASE=${pgUrl}`,
      `  ${io.self} env add ${name} --api-url ${apiUrl} --auth-url ${authUrl}${gatewayUrl === apiUrl ? '' : ` --gateway-url ${gatewayUrl}`} --client-id ${clientId} --client-secret-env ${variableOf(name)}_SECRET --pg-url-env ${variableOf(name)}_DATABASE${name === 'prod' ? ' --stage production' : ''}`,
    ]),
    ...(first && second
      ? [
          `  ${io.self} backup ${first.name} ${first.realms.at(0) ?? 'acme'}`,
          `  ${io.self} plan latest:${first.name}/${first.realms.at(0) ?? 'acme'} ${second.name}`,
        ]
      : []),
    '',
    'Ready. Press Ctrl-C to end it; nothing is left behind.',
  ];
}

/** Which address is what; in the documented dialect all are one. */
function addresses({ apiUrl, authUrl, gatewayUrl, services }: SandboxEnvironment): string[][] {
  return [
    ['Admin API', apiUrl],
    ['Tokens', authUrl],
    ...(gatewayUrl === apiUrl ? [] : [['Gateway', gatewayUrl]]),
    ...(services
      ? [
          ['User service', services.user],
          ['Realm service', services.realm],
          ['RBAC service', services.rbac],
          ['Client service', services.client],
        ]
      : []),
  ];
}

function variableOf(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
