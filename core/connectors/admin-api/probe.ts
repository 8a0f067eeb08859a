import { isAppError, throwIfAborted, type AppError } from '../../../contract/errors.ts';
import type { ProbeReport, ProbeVerdict, RealmSummary } from '../connector.ts';
import { captureDocumented, type CaptureTools } from './documented-capture.ts';
import { DOCUMENTED } from './documented-dialect.ts';
import { tlsTrust, type TlsTrust } from './http.ts';
import { tryAddress, tryTls } from './reachability.ts';
import type { AdminApiSettings, BaseUrls } from './settings.ts';

type ProbeStep = ProbeReport['steps'][number];

export interface ProbeTools extends CaptureTools {
  readonly settings: Pick<AdminApiSettings, 'caPem' | 'insecureTls'>;
  readonly bases: BaseUrls;
}

const WARN_BEFORE_EXPIRY_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Looks at one thing after the other, each of which needs the ones before; writes nothing.
 * @throws AppError CANCELED, and nothing else: a finding is a result
 */
export async function probeDocumented(tools: ProbeTools, signal: AbortSignal): Promise<ProbeReport> {
  return await new Probe(tools, signal).run();
}

class Probe {
  readonly #tools: ProbeTools;
  readonly #signal: AbortSignal;
  readonly #steps: ProbeStep[] = [];
  /** What a 403 was met at. */
  readonly #forbidden: string[] = [];
  #exportAnswers = false;

  constructor(tools: ProbeTools, signal: AbortSignal) {
    this.#tools = tools;
    this.#signal = signal;
  }

  async run(): Promise<ProbeReport> {
    if ((await this.#addresses()) && (await this.#token())) {
      await this.#tokenIsChecked();
      const realms = await this.#realms();
      await this.#export(realms);
      this.#rights();
      this.#note('Import', 'skipped', 'Not tried: it would write.');
    } else this.#skipTheRest();
    return {
      usable: this.#steps.every((step) => step.verdict !== 'failed'),
      ...(this.#exportAnswers ? { dialect: DOCUMENTED } : {}),
      steps: this.#steps,
    };
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
    const { connectMs } = this.#tools.client.timeouts;
    const reached = await this.#try(`Address${name}`, async () => {
      await tryAddress(origin, connectMs, this.#signal);
      return ['ok', `${origin} accepts connections.`];
    });
    if (!reached) return false;
    const trust = tlsTrust(this.#tools.settings);
    return await this.#try(`TLS${name}`, async () =>
      origin.startsWith('https:')
        ? tlsVerdict(
            await tryTls(origin, trust, connectMs, this.#signal),
            trust,
            this.#tools.client.time.now(),
          )
        : plainHttpVerdict(origin),
    );
  }

  async #token(): Promise<boolean> {
    const { tokens } = this.#tools.client;
    return await this.#try('Token', async () => {
      const seconds = await tokens.lifetime(this.#signal);
      return ['ok', `${tokens.way?.endpoint} issues tokens that live ${seconds} s.`];
    });
  }

  async #tokenIsChecked(): Promise<void> {
    const { client, endpoints } = this.#tools;
    await this.#try('Token is checked', async () => {
      // Any realm will do: who checks tokens does so before looking for it.
      const status = await client.statusWithoutToken(endpoints.export('master'), this.#signal);
      return tokenCheckVerdict(status);
    });
  }

  async #realms(): Promise<RealmSummary[] | undefined> {
    const found: RealmSummary[] = [];
    const listed = await this.#try('Realms', async () => {
      for await (const realm of this.#tools.realms.all(this.#signal)) found.push(realm);
      const address = await this.#tools.realms.address(this.#signal);
      return ['ok', `${found.length === 1 ? 'One realm' : `${found.length} realms`}, listed at ${address}.`];
    });
    return listed ? found : undefined;
  }

  async #export(realms: readonly RealmSummary[] | undefined): Promise<void> {
    const first = realms?.[0]?.name;
    if (first === undefined) {
      this.#note('Export', 'skipped', 'Not tried: no realm is known to try it on.');
      return;
    }
    this.#exportAnswers = await this.#try('Export', async () => {
      // The first batch is enough; leaving the loop drops the connection.
      for await (const _batch of captureDocumented(this.#tools, first, {}, this.#signal).batches) break;
      return ['ok', `Realm “${first}” can be exported (no more than its beginning was fetched).`];
    });
  }

  #rights(): void {
    if (this.#forbidden.length === 0)
      this.#note(
        'Rights',
        'ok',
        'The client was refused nothing that was tried; rights to import show only when used.',
      );
    else
      this.#note(
        'Rights',
        'failed',
        `The client is not allowed to use: ${this.#forbidden.join(', ')} (403). Give it the rights of an administrator.`,
      );
  }

  #skipTheRest(): void {
    const tried = new Set(this.#steps.map((step) => step.name));
    for (const name of ['Token', 'Token is checked', 'Realms', 'Export', 'Rights', 'Import'])
      if (!tried.has(name)) this.#note(name, 'skipped', 'Not tried: it needs what failed before.');
  }

  /** Runs one step; an error of ours is its verdict. */
  async #try(name: string, look: () => Promise<readonly [ProbeVerdict, string]>): Promise<boolean> {
    throwIfAborted(this.#signal);
    try {
      const [verdict, text] = await look();
      this.#note(name, verdict, text);
      return verdict !== 'failed';
    } catch (error) {
      if (!isAppError(error) || error.code === 'CANCELED' || error.code === 'INTERNAL') throw error;
      if (error.code === 'FORBIDDEN') this.#forbidden.push(name.toLowerCase());
      this.#note(name, 'failed', sentence(error));
      return false;
    }
  }

  #note(name: string, verdict: ProbeVerdict, text: string): void {
    this.#steps.push({ name, verdict, text });
  }
}

function sentence(error: AppError): string {
  return error.remedy === '' ? error.message : `${error.message} ${error.remedy}`;
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

function tokenCheckVerdict(status: number): readonly [ProbeVerdict, string] {
  if (status === 401 || status === 403) return ['ok', `Without a token the Admin API refuses (${status}).`];
  if (status >= 300 && status < 400)
    return ['ok', `Without a token the Admin API sends elsewhere (${status}).`];
  const answers = `Without a token the Admin API answers ${status} instead of refusing`;
  return [
    'finding',
    status < 300
      ? `${answers}: whoever reaches it may read every realm. Close it to the network.`
      : `${answers}: perhaps it does not check tokens at all.`,
  ];
}

function tlsVerdict(
  facts: Awaited<ReturnType<typeof tryTls>>,
  trust: TlsTrust,
  now: number,
): readonly [ProbeVerdict, string] {
  const spoken = `${facts.protocol}, certificate from ${facts.issuer}`;
  if (!trust.rejectUnauthorized)
    return [
      'finding',
      `${spoken}; verification is switched off: anyone in between can read the client secret.`,
    ];
  if (facts.validTo === undefined) return ['ok', `${spoken}.`];
  const until = facts.validTo.toISOString().slice(0, 10);
  const days = Math.floor((facts.validTo.getTime() - now) / DAY_MS);
  return days < WARN_BEFORE_EXPIRY_DAYS
    ? ['finding', `${spoken}, expires in ${days} ${days === 1 ? 'day' : 'days'} (${until}). Renew it.`]
    : ['ok', `${spoken}, valid until ${until}.`];
}

function plainHttpVerdict(origin: string): readonly [ProbeVerdict, string] {
  const host = new URL(origin).hostname;
  if (host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || host.startsWith('127.'))
    return ['ok', 'Not encrypted, on this machine only.'];
  return ['finding', `${origin} is not encrypted: anyone in between can read the client secret. Use https.`];
}
