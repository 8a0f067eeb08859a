import { isAppError } from '../../../contract/errors.ts';
import type { ProbeReport, RealmSummary, TellStep } from '../connector.ts';
import type { DialectFinding, SearchPlaces } from './dialect-search.ts';
import { documented, released } from './dialects.ts';
import { documentedEndpoints } from './documented/endpoints.ts';
import { DOCUMENTED } from './documented/route.ts';
import { tlsTrust } from './http.ts';
import { DOCUMENTED_STEPS, probeDocumented } from './probe-documented.ts';
import { probeReleased, RELEASED_STEPS } from './probe-released.ts';
import { ProbeSteps } from './probe-steps.ts';
import { plainHttpVerdict, tlsVerdict, tokenCheckVerdict, tokenVerdict } from './probe-verdicts.ts';
import { tryAddress, tryTls } from './reachability.ts';
import { releasedEndpoints } from './released/endpoints.ts';
import type { AdminApiSettings, BaseUrls } from './settings.ts';

export interface ProbeTools extends SearchPlaces {
  readonly settings: AdminApiSettings;
  /** `findDialect`. */
  readonly find: (signal: AbortSignal) => Promise<DialectFinding>;
}

/**
 * Looks at one thing after the other, each of which needs the ones before; writes nothing.
 * @throws AppError CANCELED, and nothing else: a finding is a result
 */
export async function probeAdminApi(
  tools: ProbeTools,
  signal: AbortSignal,
  tell?: TellStep,
): Promise<ProbeReport> {
  return await new Probe(tools, signal, tell).run();
}

class Probe {
  readonly #tools: ProbeTools;
  readonly #signal: AbortSignal;
  readonly #steps: ProbeSteps;
  #finding: DialectFinding | undefined;

  constructor(tools: ProbeTools, signal: AbortSignal, tell: TellStep | undefined) {
    this.#tools = tools;
    this.#signal = signal;
    this.#steps = new ProbeSteps(signal, tell);
  }

  async run(): Promise<ProbeReport> {
    let usable = false;
    if (await this.#addresses()) {
      if (await this.#token()) {
        const realms = await this.#realms();
        if (await this.#dialect()) usable = await this.#dialectOwn(this.#finding!, realms ?? []);
      } else await this.#openWithoutToken();
    }
    if (!usable) this.#steps.skipRest(this.#lacking());
    return {
      usable: this.#steps.steps.every((step) => step.verdict !== 'failed'),
      ...(usable ? { dialect: this.#finding!.name } : {}),
      steps: this.#steps.steps,
    };
  }

  #lacking(): readonly string[] {
    const own = this.#finding?.name === DOCUMENTED ? DOCUMENTED_STEPS : RELEASED_STEPS;
    const always = ['Token', 'Realms', 'Dialect', 'Token is checked'];
    return this.#finding === undefined ? [...always, 'Rights'] : [...always, ...own];
  }

  async #addresses(): Promise<boolean> {
    const places = placesOf(this.#tools.bases);
    let reached = true;
    for (const [origin, names] of places) {
      const name = places.size === 1 ? '' : ` (${names.join(', ')})`;
      reached = (await this.#address(origin, name)) && reached;
    }
    return reached;
  }

  async #address(origin: string, name: string): Promise<boolean> {
    const { client } = this.#tools;
    const { connectMs } = client.timeouts;
    const reached = await this.#steps.try(`Address${name}`, async () => {
      const way = client.wayTo(origin);
      await tryAddress(origin, connectMs, this.#signal, way);
      const through = way === undefined ? '' : ` through ${way.proxy.name}`;
      return ['ok', `${origin} accepts connections${through}.`];
    });
    if (!reached) return false;
    const trust = tlsTrust(this.#tools.settings);
    return await this.#steps.try(`TLS${name}`, async () =>
      origin.startsWith('https:')
        ? tlsVerdict(
            await tryTls(origin, trust, connectMs, this.#signal, client.wayTo(origin)),
            trust,
            client.time.now(),
          )
        : plainHttpVerdict(origin),
    );
  }

  async #token(): Promise<boolean> {
    const { tokens } = this.#tools.client;
    return await this.#steps.try('Token', async () => {
      const seconds = await tokens.lifetime(this.#signal);
      return tokenVerdict(tokens.way, seconds, tokens.tried);
    });
  }

  /** A wrong secret hides nothing of a server that asks for none: told only of one that answers, since what it speaks is not known. */
  async #openWithoutToken(): Promise<void> {
    const { client, bases } = this.#tools;
    const served = releasedEndpoints(bases);
    const guarded = [
      served.realms,
      served.adminUsers('master', 0, 1),
      served.users('master', 0, 1),
      documentedEndpoints(bases).export('master'),
    ].filter((url) => url !== undefined);
    try {
      if (await client.answersWithoutToken(guarded, this.#signal))
        this.#steps.note('Token is checked', ...tokenCheckVerdict(200));
    } catch (error) {
      // A line that fails is told by the step before; whether tokens are checked stays untold.
      if (!isAppError(error) || error.code === 'CANCELED' || error.code === 'INTERNAL') throw error;
    }
  }

  async #realms(): Promise<RealmSummary[] | undefined> {
    const found: RealmSummary[] = [];
    const listed = await this.#steps.try('Realms', async () => {
      for await (const realm of this.#tools.realms.all(this.#signal)) found.push(realm);
      const address = await this.#tools.realms.address(this.#signal);
      return ['ok', `${found.length === 1 ? 'One realm' : `${found.length} realms`}, listed at ${address}.`];
    });
    return listed ? found : undefined;
  }

  async #dialect(): Promise<boolean> {
    return await this.#steps.try('Dialect', async () => {
      this.#finding = await this.#tools.find(this.#signal);
      const { title } = this.#dialectFound(this.#finding);
      return this.#finding.certain
        ? ['ok', `${title}.`]
        : ['ok', `${title}; there is no realm yet to see more of it.`];
    });
  }

  #dialectFound({ name, bases }: DialectFinding) {
    const { client, realms, settings } = this.#tools;
    if (name === DOCUMENTED)
      return documented({ client, realms, endpoints: documentedEndpoints(bases), batchSize: 1 });
    return released({ client, realms, endpoints: releasedEndpoints(bases), settings }, bases.gatewayNamed);
  }

  /** @returns whether the dialect is what it was taken for */
  async #dialectOwn(finding: DialectFinding, realms: readonly RealmSummary[]): Promise<boolean> {
    const dialect = this.#dialectFound(finding);
    const { client } = this.#tools;
    const { bases } = finding;
    await this.#steps.try('Token is checked', async () => {
      const statuses: number[] = [];
      for (const url of guardedOf(finding)) statuses.push(await client.statusWithoutToken(url, this.#signal));
      return tokenCheckVerdict(Math.min(...statuses));
    });
    const names = realms.map(({ name }) => name);
    const of = { dialect, realms: names, signal: this.#signal, steps: this.#steps };
    if (finding.name === DOCUMENTED) return await probeDocumented(of);
    await probeReleased({ ...of, client, bases });
    return true;
  }
}

/** What wants a token if anything does. Any realm will do: who checks tokens does so before looking for it. */
function guardedOf({ name, bases }: DialectFinding): string[] {
  if (name === DOCUMENTED) return [documentedEndpoints(bases).export('master')];
  const served = releasedEndpoints(bases);
  const throughGateway = served.users('master', 0, 1);
  return throughGateway === undefined ? [served.realms] : [served.realms, throughGateway];
}

/** The distinct origins, and what each is for. */
function placesOf(bases: BaseUrls): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const [name, url] of [
    ['Admin API', bases.api],
    ['tokens', bases.auth],
    ['gateway', bases.gateway],
  ] as const) {
    const { origin } = new URL(url);
    places.set(origin, [...(places.get(origin) ?? []), name]);
  }
  return places;
}
