import { AppError, isAppError } from '../../../contract/errors.ts';
import type {
  ApplyItem,
  ApplyStep,
  ApplyTarget,
  Connector,
  ProbeReport,
  RouteCapabilities,
  TargetOptions,
  TargetSession,
} from '../connector.ts';
import { captureBoth, databasesLack } from './capture.ts';
import { apiAlone, bothCapabilities, splitItem } from './channels.ts';

export interface Channels {
  readonly api: Connector;
  readonly postgres: Connector;
}

/**
 * The way into an environment whose Admin API and databases can both be reached (docs/ARCHITECTURE.md, "Two channels").
 * Closes both.
 */
export function createBothConnector(channels: Channels): Connector {
  const { api, postgres } = channels;
  const capabilities = async (signal: AbortSignal): Promise<RouteCapabilities> => {
    const under = await postgres.capabilities(signal);
    const over = await api.capabilities(signal).catch(orWithoutIt);
    const lacking = await databasesLack(channels, signal);
    return lacking.length > 0 ? apiAlone(over, lacking) : bothCapabilities(over, under);
  };
  /** Whichever knows of realms. */
  const teller = async (signal: AbortSignal): Promise<Connector> => {
    const lacking = await databasesLack(channels, signal);
    return lacking.some(({ section }) => section === 'realm') ? api : postgres;
  };
  const { owners } = postgres;
  return {
    channel: 'postgres',
    capabilities,
    ...(owners && { owners }),
    probe: async (signal, tell) =>
      bothReports(
        await postgres.probe(signal, tell && ((step) => tell(prefixed('PostgreSQL', step)))),
        await api.probe(signal, tell && ((step) => tell(prefixed('Admin API', step)))),
      ),
    async *listRealms(signal) {
      yield* (await teller(signal)).listRealms(signal);
    },
    realmExists: async (realm, signal) => await (await teller(signal)).realmExists(realm, signal),
    capture: (realm, options, signal) => captureBoth(channels, realm, options, signal, postgres),
    async openTarget(realm, options, signal) {
      const route = await capabilities(signal);
      if (route.channel === 'admin-api') return await apiTarget(channels, realm, options, signal);
      const database = await postgres.openTarget(realm, options, signal);
      return new BothTarget(channels, realm, { options, route, database });
    },
    ...(postgres.identities && {
      identities: async (signal) => await postgres.identities!(signal),
    }),
    ...(postgres.commitOutcome && {
      commitOutcome: async (facts, signal) => await postgres.commitOutcome!(facts, signal),
    }),
    ...(postgres.danglingMappings && {
      danglingMappings: async (ids, signal) => await postgres.danglingMappings!(ids, signal),
    }),
    learned: () => ({ ...postgres.learned?.(), ...api.learned?.() }),
    async close() {
      await Promise.all([api.close(), postgres.close()]);
    },
  };
}

/** What the API can do is asked of it; while it cannot be asked, the databases alone are still a way in. */
function orWithoutIt(error: unknown): never {
  if (!isAppError(error) || error.code === 'CANCELED') throw error;
  throw new AppError(error.code, error.message, {
    notChanged: error.notChanged,
    remedy:
      `${error.remedy} To do without the Admin API: drawbridge env update <name> --remove-api`.trimStart(),
    details: error.details,
    cause: error.cause,
  });
}

/** Written over the Admin API alone, and read over whatever tells more. */
async function apiTarget(
  channels: Channels,
  realm: string,
  options: TargetOptions,
  signal: AbortSignal,
): Promise<TargetSession> {
  const { api, postgres } = channels;
  const session = await api.openTarget(realm, options, signal);
  return {
    exists: async (given) => await session.exists(given),
    capture: (wanted, given) => captureBoth(channels, realm, wanted, given, postgres),
    applySteps: (target, items) => session.applySteps(target, items),
    close: async () => await session.close(),
  };
}

function prefixed(channel: string, step: ProbeReport['steps'][number]): ProbeReport['steps'][number] {
  return { ...step, name: `${channel}: ${step.name}` };
}

/** Databases of some services only are a help in reading: what they lack, the Admin API tells and writes. */
function bothReports(found: ProbeReport, api: ProbeReport): ProbeReport {
  const isService = ({ name }: ProbeReport['steps'][number]): boolean => name.startsWith('Service ');
  const helps = found.steps.some((step) => isService(step) && step.verdict !== 'failed');
  const isHarmless = (step: ProbeReport['steps'][number]): boolean =>
    step.verdict === 'failed' && helps && api.usable && isService(step);
  const steps = found.steps.map((step) =>
    isHarmless(step) ? { ...step, verdict: 'finding' as const, text: `${step.text} ${OVER_THE_API}` } : step,
  );
  const postgres = { ...found, steps, usable: steps.every(({ verdict }) => verdict !== 'failed') };
  return {
    ...postgres,
    usable: postgres.usable && api.usable,
    steps: [
      ...postgres.steps.map((step) => prefixed('PostgreSQL', step)),
      ...api.steps.map((step) => prefixed('Admin API', step)),
    ],
  };
}

const OVER_THE_API =
  'Meanwhile the Admin API is read for what the databases lack, and everything is written over it alone.';

/** The databases' part is prepared and committed first: a call to the API would be a change by somebody else to it. */
class BothTarget implements TargetSession {
  readonly #channels: Channels;
  readonly #realm: string;
  readonly #options: TargetOptions;
  readonly #route: RouteCapabilities;
  readonly #database: TargetSession;

  constructor(
    channels: Channels,
    realm: string,
    of: { options: TargetOptions; route: RouteCapabilities; database: TargetSession },
  ) {
    this.#channels = channels;
    this.#realm = realm;
    this.#options = of.options;
    this.#route = of.route;
    this.#database = of.database;
  }

  exists(signal: AbortSignal): Promise<boolean> {
    return this.#database.exists(signal);
  }

  capture(options: Parameters<TargetSession['capture']>[0], signal: AbortSignal) {
    return captureBoth(this.#channels, this.#realm, options, signal, {
      capture: (_realm, given, givenSignal) => this.#database.capture(given, givenSignal),
    });
  }

  async *applySteps(
    target: ApplyTarget,
    items: AsyncIterable<readonly ApplyItem[]>,
  ): AsyncGenerator<ApplyStep> {
    const counts = { database: 0, api: 0 };
    for await (const step of this.#database.applySteps(
      target,
      this.#parts(target, items, 'database', counts),
    ))
      yield step.facts ? step : { ...step, staged: true };
    if (counts.api === 0) return;
    const { signal } = new AbortController();
    const session = await this.#channels.api.openTarget(this.#realm, this.#options, signal);
    try {
      for await (const step of session.applySteps(target, this.#parts(target, again(items), 'api')))
        yield {
          ...step,
          label: `${step.label} (Admin API)`,
          run: async (given, before) => {
            // What is open now has only been read from: it must not be held open as long as these calls take.
            await this.#database.close();
            return await step.run(given, before);
          },
        };
    } finally {
      await session.close();
    }
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async *#parts(
    target: ApplyTarget,
    items: AsyncIterable<readonly ApplyItem[]>,
    channel: 'database' | 'api',
    counts = { database: 0, api: 0 },
  ): AsyncGenerator<readonly ApplyItem[]> {
    for await (const batch of items) {
      const parts = batch.map((item) => splitItem(this.#route, target, item));
      for (const { database, api } of parts) {
        if (database) counts.database++;
        if (api) counts.api++;
      }
      const wanted = parts.flatMap((part) => part[channel] ?? []);
      if (wanted.length > 0) yield wanted;
    }
  }
}

/** Items are asked for a second time rather than kept: there may be a million. */
function again<T>(items: AsyncIterable<T>): AsyncIterable<T> {
  if ((items[Symbol.asyncIterator]() as unknown) !== items) return items;
  throw new AppError('INTERNAL', 'The items of an apply over two channels must be iterable twice.');
}
