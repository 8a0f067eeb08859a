import { AppError, isAppError } from '../../../../contract/errors.ts';
import { readDocument, type DocumentFacts, type DocumentReading } from '../../../formats/document-reader.ts';
import type { SectionBatch } from '../../../model/record.ts';
import { SECTIONS, type Section } from '../../../model/sections.ts';
import { NOT_ASKED_FOR, type CaptureFacts, type Missing } from '../../../model/snapshot.ts';
import type { Capture, CaptureOptions } from '../../connector.ts';
import type { ApiClient } from '../api-client.ts';
import { type DocumentedEndpoints } from './endpoints.ts';
import { DOCUMENTED, EXPORTED_SECTIONS, SECTION_EXPORTS } from './route.ts';
import type { RealmList } from '../realm-list.ts';

type SectionExport = (typeof SECTION_EXPORTS)[number];

export interface CaptureTools {
  readonly client: ApiClient;
  readonly endpoints: DocumentedEndpoints;
  readonly realms: RealmList;
}

const NO_SNAPSHOT = 'No snapshot was made of what had arrived; nothing was changed.';

const NOT_EXPORTED: Readonly<Partial<Record<Section, string>>> = {
  groups: 'The documented Admin API does not export groups.',
  policies: 'The documented Admin API does not export policies.',
  credentials: 'The documented Admin API does not export password hashes.',
  socialLinks: 'The documented Admin API does not export social links.',
};

/** Reads a realm through its export documents, as a stream: memory does not grow with the realm. */
export function captureDocumented(
  tools: CaptureTools,
  realm: string,
  options: CaptureOptions,
  signal: AbortSignal,
): Capture {
  const wanted = new Set<Section>(options.sections ?? SECTIONS);
  const documents: DocumentFacts[] = [];
  let retries = 0;
  let ended = false;

  async function* batches(): AsyncGenerator<SectionBatch> {
    const parts = exportsFor(wanted);
    if (parts.length === 0) throw notExported(realm, wanted);
    for (const part of parts) {
      const reading = new ExportReading(tools, realm, part, signal, () => retries++);
      for await (const batch of reading.batches()) if (wanted.has(batch.section)) yield batch;
      documents.push(reading.facts());
    }
    ended = true;
  }

  return {
    batches: batches(),
    retries: () => retries,
    facts() {
      if (!ended) throw new AppError('INTERNAL', 'The facts of a capture were asked for before its end.');
      return { ...mergedFacts(realm, wanted, documents), ...(retries > 0 && { retries }) };
    },
  };
}

/**
 * Which exports tell the wanted sections; undefined stands for the whole realm's, where alone its settings stand (the
 * Realms API tells fewer of them). Without the realm the narrower exports spare the server and the line the rest.
 */
function exportsFor(wanted: ReadonlySet<Section>): (SectionExport | undefined)[] {
  if (wanted.has('realm')) return [undefined];
  return SECTION_EXPORTS.filter((section) => wanted.has(section));
}

function notExported(realm: string, wanted: ReadonlySet<Section>): AppError {
  const names = [...wanted].join(', ');
  return new AppError(
    'UNSUPPORTED_BY_ROUTE',
    `Could not read ${names} of realm “${realm}”: the documented Admin API does not export them.`,
    { notChanged: 'Nothing was changed.', remedy: 'Read them over PostgreSQL, or leave them out.' },
  );
}

/** One export document on its way in. */
class ExportReading {
  readonly #tools: CaptureTools;
  readonly #realm: string;
  readonly #part: SectionExport | undefined;
  readonly #signal: AbortSignal;
  readonly #onRetry: () => void;
  #document: DocumentReading | undefined;

  constructor(
    tools: CaptureTools,
    realm: string,
    part: SectionExport | undefined,
    signal: AbortSignal,
    onRetry: () => void,
  ) {
    this.#onRetry = onRetry;
    this.#tools = tools;
    this.#realm = realm;
    this.#part = part;
    this.#signal = signal;
  }

  async *batches(): AsyncGenerator<SectionBatch> {
    let records = 0;
    try {
      const { first, rest } = await this.#begin();
      try {
        for (let next = first; next.done !== true; next = await rest.next()) {
          records += next.value.records.length;
          yield next.value;
        }
      } finally {
        await rest.return?.();
      }
      this.#checkRealm();
    } catch (error) {
      throw isAppError(error) ? this.#brokenOff(error, records) : error;
    }
  }

  facts(): DocumentFacts {
    return this.#document!.facts();
  }

  /** Up to the first batch, everything can be begun again: nothing has been handed on. */
  async #begin(): Promise<{
    first: IteratorResult<SectionBatch>;
    rest: AsyncIterator<SectionBatch>;
  }> {
    const url = this.#tools.endpoints.export(this.#realm, this.#part);
    try {
      return await this.#tools.client.stream(
        {
          method: 'GET',
          url,
          purpose: { to: this.#purpose(), notChanged: 'Nothing was changed.', realm: this.#realm },
          repeatable: true,
          signal: this.#signal,
          onRetry: this.#onRetry,
        },
        async (bytes) => {
          this.#document = readDocument(bytes, {
            signal: this.#signal,
            origin: 'server',
            name: url,
            ...(this.#part === undefined ? {} : { expect: this.#part }),
          });
          const rest = this.#document.batches[Symbol.asyncIterator]();
          return { first: await rest.next(), rest };
        },
      );
    } catch (error) {
      throw await this.#whyNotFound(error);
    }
  }

  /** A server without exports answers 404 as well (release v1.1.0 has none). */
  async #whyNotFound(error: unknown): Promise<unknown> {
    if (!isAppError(error, 'REALM_NOT_FOUND')) return error;
    if (!(await this.#tools.realms.exists(this.#realm, this.#signal)))
      return new AppError(
        'REALM_NOT_FOUND',
        `Could not ${this.#purpose()}: there is no realm “${this.#realm}”.`,
        { notChanged: error.notChanged, remedy: error.remedy, details: error.details },
      );
    return new AppError(
      'UNSUPPORTED_BY_ROUTE',
      `Could not ${this.#purpose()}: the realm is there, but this server has no export endpoint (404).`,
      {
        remedy: 'This OpenGate release does not have the documented export; “env test” shows what it has.',
        notChanged: 'Nothing was changed.',
        details: error.details,
      },
    );
  }

  #brokenOff(error: AppError, records: number): AppError {
    if (error.code === 'CANCELED') return error;
    const midway = records > 0 || error.details['networkCode'] !== undefined;
    const said = error.message.startsWith('Could not ')
      ? error.message
      : `Could not ${this.#purpose()}: ${error.message}`;
    // What is wrong with a document that a server sent is wrong with its answer, not with a file of the user's.
    const code = error.code === 'INVALID_DOCUMENT' ? 'UNEXPECTED_ANSWER' : error.code;
    return new AppError(code, records > 0 ? `${said} ${records} records had arrived.` : said, {
      notChanged: midway || error.notChanged === '' ? NO_SNAPSHOT : error.notChanged,
      remedy: error.remedy,
      details: { ...error.details, records, environment: this.#tools.client.environment },
      cause: error.cause,
    });
  }

  /** The narrower exports need not name their realm. */
  #checkRealm(): void {
    const { realm } = this.facts();
    if (realm === this.#realm || (this.#part !== undefined && realm === undefined)) return;
    const what = realm === undefined ? 'a document without a realm' : `the export of realm “${realm}”`;
    throw new AppError('UNEXPECTED_ANSWER', `The server answered with ${what}.`, {
      notChanged: NO_SNAPSHOT,
      remedy: 'Look at the server, and at caches and proxies between here and there.',
    });
  }

  #purpose(): string {
    const what = this.#part === undefined ? '' : `the ${this.#part} of `;
    return `export ${what}realm “${this.#realm}”`;
  }
}

function mergedFacts(
  realm: string,
  wanted: ReadonlySet<Section>,
  documents: readonly DocumentFacts[],
): CaptureFacts {
  const read = new Set(
    documents.flatMap((document) => document.sections).filter((section) => wanted.has(section)),
  );
  const knows: Partial<Record<Section, readonly string[]>> = {};
  for (const document of documents)
    for (const section of document.sections)
      if (read.has(section) && document.knows[section] !== undefined)
        knows[section] = document.knows[section];
  return {
    realm,
    channel: 'admin-api',
    dialect: DOCUMENTED,
    sections: SECTIONS.filter((section) => read.has(section)),
    knows,
    missing: [...missingSections(wanted, read), ...missingMembers(read, documents)],
    warnings: documents.flatMap((document) => document.warnings),
  };
}

function missingSections(wanted: ReadonlySet<Section>, read: ReadonlySet<Section>): Missing[] {
  return SECTIONS.filter((section) => !read.has(section)).map((section) => {
    const exported = (EXPORTED_SECTIONS as readonly Section[]).includes(section);
    const asked = wanted.has(section) ? 'The server’s export did not contain it.' : NOT_ASKED_FOR;
    return { section, reason: exported ? asked : NOT_EXPORTED[section]! };
  });
}

function missingMembers(read: ReadonlySet<Section>, documents: readonly DocumentFacts[]): Missing[] {
  return documents.flatMap((document) =>
    document.missing.filter((missing) => missing.member !== undefined && read.has(missing.section)),
  );
}
