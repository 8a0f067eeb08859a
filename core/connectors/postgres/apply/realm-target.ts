import { AppError, throwIfAborted } from '../../../../contract/errors.ts';
import type {
  ApplyItem,
  ApplyStep,
  ApplyTarget,
  Capture,
  CaptureOptions,
  StepOutcome,
  TargetOptions,
  TargetSession,
} from '../../connector.ts';
import type { Section } from '../../../model/sections.ts';
import { captureRealm } from '../capture/capture-realm.ts';
import type { Databases, DatabaseTransaction, Transactions } from '../databases.ts';
import type { Layout } from '../layout.ts';
import { SERVICES, type Service } from '../services.ts';
import { nothingWritten } from './apply-errors.ts';
import { stepParts, type Place, type StepPart } from './apply-steps.ts';
import { Commits } from './commits.ts';
import { realmIsThere, RealmWriter } from './realm-writer.ts';

interface Opened {
  readonly layout: Layout;
  readonly transactions: Transactions;
}

/** One realm under change: one transaction in each database, opened when it is first needed. */
export class RealmTarget implements TargetSession {
  readonly #databases: Databases;
  readonly #realm: string;
  readonly #options: TargetOptions;
  readonly #signal: AbortSignal;
  #opened: Promise<Opened> | undefined;
  #closed = false;
  #apply: Apply | undefined;

  constructor(databases: Databases, realm: string, options: TargetOptions, signal: AbortSignal) {
    this.#databases = databases;
    this.#realm = realm;
    this.#options = options;
    this.#signal = signal;
  }

  async exists(signal: AbortSignal): Promise<boolean> {
    throwIfAborted(signal);
    const { layout, transactions } = await this.#open();
    return await realmIsThere(layout, transactions, this.#realm);
  }

  capture(options: CaptureOptions, signal: AbortSignal): Capture {
    let capture: Capture | undefined;
    const batches = async function* (this: RealmTarget) {
      throwIfAborted(signal);
      const { transactions } = await this.#open();
      capture = captureRealm(
        { databases: this.#databases, within: transactions },
        this.#realm,
        options,
        signal,
      );
      yield* capture.batches;
    };
    return {
      batches: batches.call(this),
      facts: () => {
        if (!capture) throw new AppError('INTERNAL', 'A capture was asked for its facts before it was read.');
        return capture.facts();
      },
    };
  }

  async *applySteps(
    target: ApplyTarget,
    items: AsyncIterable<readonly ApplyItem[]>,
  ): AsyncGenerator<ApplyStep> {
    const layout = await this.#databases.layout(this.#signal);
    const apply = new Apply(this.#databases, target, () => this.#open());
    this.#apply = apply;
    for await (const part of stepParts(layout, target, items)) yield apply.step(part);
  }

  /** Whoever cannot write one of the services can still write the others. */
  async #open(): Promise<Opened> {
    if (this.#closed)
      throw new AppError('INTERNAL', 'A realm was to be changed after its session was closed.');
    return await (this.#opened ??= this.#begin());
  }

  async #begin(): Promise<Opened> {
    const layout = await this.#databases.layout(this.#signal);
    const services = SERVICES.filter((service) => service === 'realm' || layout.services[service]);
    const transactions = await this.#databases.begin(services, 'write', this.#signal, this.#options.onWait);
    return { layout, transactions };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#apply?.close();
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.transactions.rollback();
  }
}

const SECTION_OF: Readonly<Record<Service, Section>> = {
  user: 'users',
  rbac: 'roles',
  client: 'clients',
  realm: 'realm',
};
const NOTHING = { failures: [], retries: 0 };

/** The steps of one apply, run in order. After an error before the first commit, nothing is written and all others refuse. */
class Apply {
  readonly #databases: Databases;
  readonly #target: ApplyTarget;
  readonly #open: () => Promise<Opened>;
  #writer: RealmWriter | undefined;
  #commits: Commits | undefined;
  #failure: AppError | undefined;

  constructor(databases: Databases, target: ApplyTarget, open: () => Promise<Opened>) {
    this.#databases = databases;
    this.#target = target;
    this.#open = open;
  }

  close(): void {
    this.#writer?.close();
  }

  step(part: StepPart): ApplyStep {
    switch (part.kind) {
      case 'clear':
        return this.#workStep(`what bears the name ${this.#target.realm}`, 'realm', part.items, () =>
          Promise.resolve(),
        );
      case 'stage':
        return this.#workStep(part.label, part.section, part.items, (writer) =>
          writer.stage(part.section, part.items),
        );
      case 'prepare':
        return this.#workStep(
          `prepare ${part.database.place}`,
          sectionOf(part.database),
          [],
          async (writer, { transactions }) =>
            await writer.prepare(transactionOf(transactions, part.database)),
        );
      case 'commit':
        return this.#commitStep(part.database, part.all);
    }
  }

  #workStep(
    label: string,
    section: Section,
    items: readonly ApplyItem[],
    work: (writer: RealmWriter, opened: Opened) => Promise<void>,
  ): ApplyStep {
    return {
      label,
      section,
      items,
      repeatable: false,
      staged: true,
      run: async (signal) => {
        throwIfAborted(signal);
        return await this.#guarded(signal, async (opened) => {
          const writer = await this.#started(opened);
          await work(writer, opened);
          const warnings = writer.takeWarnings();
          return warnings.length > 0 ? { ...NOTHING, warnings } : NOTHING;
        });
      },
    };
  }

  async #started({ layout, transactions }: Opened): Promise<RealmWriter> {
    if (this.#writer) return this.#writer;
    this.#writer = new RealmWriter(layout, transactions, this.#target);
    await this.#writer.start();
    return this.#writer;
  }

  /** An error ends the apply, and all that was prepared is undone. So does a cancel in the middle of a statement. */
  async #guarded(signal: AbortSignal, work: (opened: Opened) => Promise<StepOutcome>): Promise<StepOutcome> {
    if (this.#failure) throw this.#failure;
    let opened: Opened | undefined;
    const onAbort = () => void opened?.transactions.rollback();
    try {
      opened = await this.#open();
      throwIfAborted(signal);
      signal.addEventListener('abort', onAbort, { once: true });
      return await work(opened);
    } catch (error) {
      const canceled = signal.aborted ? new AppError('CANCELED', 'Canceled.', { cause: error }) : error;
      this.#failure = nothingWritten(canceled);
      await opened?.transactions.rollback();
      throw this.#failure;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #commitStep(place: Place, all: readonly Place[]): ApplyStep {
    return {
      label: `commit ${place.place}`,
      section: sectionOf(place),
      items: [],
      repeatable: false,
      facts: async (signal) =>
        await this.#committing(signal, all, async (commits, { transactions }) =>
          commits.factsOf(transactionOf(transactions, place)),
        ),
      run: async (signal) =>
        await this.#committing(signal, all, async (commits, { transactions }) => {
          const others = all.map((one) => transactionOf(transactions, one));
          await commits.make(transactionOf(transactions, place), others);
          return NOTHING;
        }),
    };
  }

  /** Until the first commit a cancel is heard; then half of the work would be worse than all of it. */
  async #committing<Result>(
    signal: AbortSignal,
    all: readonly Place[],
    work: (commits: Commits, opened: Opened) => Promise<Result>,
  ): Promise<Result> {
    this.#commits ??= new Commits(this.#databases, all);
    if (!this.#commits.anyMade) throwIfAborted(signal);
    if (this.#failure) throw this.#failure;
    const opened = await this.#open();
    try {
      return await work(this.#commits, opened);
    } catch (error) {
      this.#failure = error instanceof AppError ? error : nothingWritten(error);
      await opened.transactions.rollback();
      throw this.#failure;
    }
  }
}

function transactionOf({ databases }: Transactions, { database }: Place): DatabaseTransaction {
  const found = databases.find(({ services }) => services[0]?.database === database);
  if (!found) throw new AppError('INTERNAL', 'A database was to be written in which no transaction is open.');
  return found;
}

function sectionOf({ services }: Place): Section {
  return SECTION_OF[services[0]!];
}
