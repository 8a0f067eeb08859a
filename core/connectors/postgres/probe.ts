import { isAppError, throwIfAborted, type AppError } from '../../../contract/errors.ts';
import type { ProbeReport, TellStep } from '../connector.ts';
import { failedVerdict, validityVerdict, type TlsFacts, type Verdict } from '../probe-verdict.ts';
import { addressOf, namedDatabase, sameServer, shownServer, type Address } from './address.ts';
import { looseColumns } from './capabilities.ts';
import { closeClient } from './connect.ts';
import type { Databases } from './databases.ts';
import { doorsOf, openADoor } from './doors.ts';
import type { Layout, ServiceLayout } from './layout.ts';
import { missingGrants } from './rights.ts';
import { SERVICES, type Service } from './services.ts';
import { tlsFacts } from './tls.ts';

type ProbeStep = ProbeReport['steps'][number];

/**
 * Looks at everything that a capture or an apply depends on; writes nothing. `usable`: everything can at least be read.
 *
 * @throws AppError CANCELED, and nothing else of what it meets: a finding is a result
 */
export async function probeDatabases(
  databases: Databases,
  signal: AbortSignal,
  tell?: TellStep,
): Promise<ProbeReport> {
  const steps: ProbeStep[] = [];
  const note = (name: string, [verdict, text]: Verdict): void => {
    const step = { name, verdict, text };
    steps.push(step);
    tell?.(step);
  };
  let layout: Layout | undefined;
  let servers: Address[] = [];
  try {
    servers = serversOf(databases);
    for (const address of servers) {
      const suffix = servers.length === 1 ? '' : ` (${shownServer(address)})`;
      for (const step of await probeServer(address, databases, signal))
        note(step.name + suffix, [step.verdict, step.text]);
    }
    if (steps.some(({ name, verdict }) => verdict === 'failed' && !/\(/.test(name)))
      note('Services', SKIPPED);
    else layout = await databases.layout(signal, 'anew');
  } catch (error) {
    throwIfAborted(signal);
    note(steps.length === 0 ? 'Address' : 'Services', failedVerdict(ours(error)));
  }
  if (layout) {
    note('Server', serverVerdict(layout));
    for (const service of SERVICES) note(`Service ${service}`, serviceVerdict(service, layout, databases));
  }
  return {
    usable: steps.every(({ verdict }) => verdict !== 'failed'),
    ...(layout && { dialect: layout.dialect, serverVersion: layout.serverVersion }),
    steps,
  };
}

const SKIPPED: Verdict = ['skipped', 'Not looked at: the steps before failed.'];

function ours(error: unknown): AppError {
  if (!isAppError(error) || error.code === 'CANCELED' || error.code === 'INTERNAL') throw error;
  return error;
}

/** The servers that are used: the environment's, unless every service stands elsewhere, and those of single services. */
function serversOf({ settings }: Databases): Address[] {
  const main = addressOf(settings);
  const own = SERVICES.map((service) => addressOf(settings, service));
  const servers: Address[] = [];
  for (const address of [main, ...own])
    if (!servers.some((one) => sameServer(one, address)) && own.some((one) => sameServer(one, address)))
      servers.push(address);
  return servers;
}

/** Address, encryption, login: each needs the one before. */
async function probeServer(
  address: Address,
  { settings }: Databases,
  signal: AbortSignal,
): Promise<ProbeStep[]> {
  const where = shownServer(address);
  try {
    // A pool may serve only the databases that are named by hand.
    const named = SERVICES.map((service) => namedDatabase(settings, service)).filter(
      (name) => name !== undefined,
    );
    const { client } = await openADoor(address, [...doorsOf(address), ...named], signal);
    const facts = tlsFacts(client.connection.stream);
    await closeClient(client);
    return [
      step('Address', ['ok', `${where} accepts connections.`]),
      step('TLS', tlsVerdict(address, facts)),
      step('Login', ['ok', `“${address.user}” is let in.`]),
    ];
  } catch (cause) {
    throwIfAborted(signal);
    const error = ours(cause);
    const failed = failedVerdict(error);
    const at = ['UNREACHABLE', 'TIMEOUT', 'UNEXPECTED_ANSWER', 'USAGE'].includes(error.code)
      ? 0
      : ['TLS_FAILED', 'FILE_FAILED'].includes(error.code)
        ? 1
        : 2;
    return ['Address', 'TLS', 'Login'].map((name, i) => {
      if (i === at) return step(name, failed);
      if (i > at) return step(name, SKIPPED);
      return step(name, ['ok', i === 0 ? `${where} accepts connections.` : 'No objection.']);
    });
  }
}

function step(name: string, [verdict, text]: Verdict): ProbeStep {
  return { name, verdict, text };
}

function tlsVerdict(address: Address, facts: TlsFacts | undefined): Verdict {
  if (!facts)
    return address.local
      ? ['ok', 'Not encrypted, on this computer only.']
      : [
          'finding',
          'Not encrypted: anyone in between can read everything, password hashes included. Use sslmode=verify-full.',
        ];
  const { mode, ca } = address.tls;
  const verified = mode === 'verify-full' || mode === 'verify-ca' || ca !== undefined;
  const spoken = `${facts.protocol}, certificate from ${facts.issuer}`;
  if (!verified)
    return address.local
      ? ['ok', `${spoken}, not verified, on this computer only.`]
      : ['finding', `${spoken}, not verified (sslmode=${mode}): anyone in between can pose as the server.`];
  return validityVerdict(`${spoken}, verified`, facts.validTo, Date.now());
}

function serverVerdict({ serverVersion, unseen, services }: Layout): Verdict {
  const standby = Object.values(services).some((service) => service.standby);
  const findings = [
    ...unseen.map(({ place, reason }) => `The database ${place} could not be looked into: ${reason}`),
    ...(standby ? ['It is a standby: it can be backed up, and not written.'] : []),
  ];
  return [findings.length > 0 ? 'finding' : 'ok', [`${serverVersion}.`, ...findings].join(' ')];
}

function serviceVerdict(service: Service, layout: Layout, { settings }: Databases): Verdict {
  const found = layout.services[service];
  if (!found) {
    const error = layout.errors[service];
    return error ? failedVerdict(error) : ['failed', `The tables of the ${service} service were not found.`];
  }
  const role = addressOf(settings, service).user;
  const unreadable = missingGrants(found, 'read', role);
  const where = `Found in ${found.place}${found.schema === 'public' ? '' : `, schema ${found.schema}`}${
    found.version === undefined ? '' : `, version ${found.version}`
  }.`;
  if (unreadable.length > 0) return ['failed', `${where} The role cannot read it: ${unreadable.join(' ')}`];
  const findings = findingsOf(found, role);
  const kept = unknownColumns(found);
  const texts = [
    where,
    findings.some((text) => text.startsWith(CANNOT_WRITE))
      ? 'It can be read.'
      : 'It can be read and written.',
    ...(kept.length > 0 ? [`Columns that are not known, and are kept: ${kept.join(', ')}.`] : []),
    ...findings,
  ];
  return [findings.length > 0 ? 'finding' : 'ok', texts.join(' ')];
}

const CANNOT_WRITE = 'The role cannot write it: ';

function findingsOf(service: ServiceLayout, role: string): string[] {
  const unwritable = service.standby ? [] : missingGrants(service, 'write', role);
  const needed = neededColumns(service);
  const loose = looseColumns({ services: { [service.service]: service } });
  return [
    ...(service.standby ? [`${CANNOT_WRITE}the server is a standby.`] : []),
    ...(unwritable.length > 0 ? [`${CANNOT_WRITE}${unwritable.join(' ')}`] : []),
    ...(needed.length > 0
      ? [
          `${needed.join(', ')} must have a value, has no default and is not known: records can only be created from a source that has it.`,
        ]
      : []),
    ...(loose.length > 0
      ? [
          `The collation of ${loose.join(', ')} is not deterministic: the database takes texts for equal that are not the same. A plan says of users and clients which cannot be written for that.`,
        ]
      : []),
    ...(service.encoding === 'UTF8'
      ? []
      : [`The database’s encoding is ${service.encoding} and not UTF8: not every text fits.`]),
    ...(service.history === 'read'
      ? []
      : [
          service.history === 'missing'
            ? 'There is no flyway_schema_history: the version of its tables is not known.'
            : 'The role cannot read flyway_schema_history: the version of the tables is not known.',
        ]),
    ...(service.failedMigrations.length > 0
      ? [`Flyway notes as failed: migration ${service.failedMigrations.join(', ')}.`]
      : []),
  ];
}

function unknownColumns(service: ServiceLayout): string[] {
  return Object.values(service.tables).flatMap(({ name, unknown }) =>
    unknown.map((column) => `${name}.${column.name}`),
  );
}

/** Unknown columns, without which no row can be created. */
function neededColumns(service: ServiceLayout): string[] {
  return Object.values(service.tables).flatMap(({ name, unknown }) =>
    unknown
      .filter((column) => column.notNull && !column.hasDefault && !column.generated)
      .map((column) => `${name}.${column.name}`),
  );
}
