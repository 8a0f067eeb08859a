import { AppError } from '../../../../contract/errors.ts';
import { faultOf, namedRecords, reasonOf, type BatchFault } from './record-refusals.ts';

/** After so many 500s in a row it is asked whether the server works at all. */
const STUMBLES_IN_A_ROW = 32;
/** Records from all over the batch that are sent alone to find that out, where none of it has gone through yet. */
const PROBES = 8;

export interface Refused<Item> {
  readonly item: Item;
  readonly reason: string;
}

export interface Sending<Item> {
  /**
   * Must be harmless to repeat: parts of a batch that failed are sent again, and whether it left anything behind is not known.
   * @param patient whether a 500 is waited out, as one that may pass
   */
  send(part: readonly Item[], patient: boolean): Promise<void>;
  /** Lets some time go by before records that the server stumbled over get their last try. */
  pause(): Promise<void>;
  /** Whether 500s were due to records before: then they are not waited out. */
  readonly stumblesBefore: boolean;
}

export interface Isolated<Item> {
  readonly refused: readonly Refused<Item>[];
  /** Whether the server stumbled (500) over records of this batch, or over the batch. */
  readonly stumbled: boolean;
}

/**
 * Sends a batch; where it fails, finds the records that it fails for, so that each costs only itself: all others are
 * written. Those that an answer names are left out; else the batch is taken apart (`Isolation`). With k bad records among n
 * this takes about k·log2(n/k) + log2(n) calls, and never more than some 2·n.
 *
 * @throws AppError whatever is no record's fault; SERVER_ERROR when the server answers 500 to whatever it is sent
 */
export async function sendIsolating<Item>(
  items: readonly Item[],
  sending: Sending<Item>,
): Promise<Isolated<Item>> {
  return await new Isolation(items, sending).run();
}

/**
 * Generalized binary splitting (Hwang 1972): groups as large as are likely to go through, by how many bad records were
 * found so far; in one that does not, one bad record is found by halving, and what was not looked at waits again. So where
 * few are bad, few calls are made, and where many are, records go alone.
 */
class Isolation<Item> {
  readonly #sending: Sending<Item>;
  /** Not sent, or sent only together with others that may be to blame. */
  #rest: readonly Item[];
  /** As many as the server takes in one call, as far as is known. */
  #most: number;
  /** Records found by halving, and all whose outcome is known: what tells how many of the rest are bad. */
  #found = 0;
  #settled = 0;
  /** Records that went through since the last bad one. */
  #sinceFound = 0;
  /** Bad records between which none went through. */
  #foundInARow = 0;
  readonly #refused: Refused<Item>[] = [];
  /** The server stumbled over them alone; whether they are to blame is decided in the end. */
  readonly #suspects: Item[] = [];
  #stumblesInARow = 0;
  #wentThrough: Item | undefined;
  #stumbled = false;
  #first = true;

  constructor(items: readonly Item[], sending: Sending<Item>) {
    this.#rest = items;
    this.#most = items.length;
    this.#sending = sending;
  }

  async run(): Promise<Isolated<Item>> {
    while (this.#rest.length > 0) {
      const group = this.#rest.slice(0, this.#groupSize());
      this.#rest = this.#rest.slice(group.length);
      await this.#settle(group);
    }
    if (this.#suspects.length > 0) await this.#lastTry();
    return { refused: this.#refused, stumbled: this.#stumbled };
  }

  /**
   * The size at which about every second group goes through (ln 2 over the share of bad records). Bad records may stand side
   * by side: among them sizes halve, behind them they double.
   */
  #groupSize(): number {
    if (this.#found === 0) return this.#most;
    const likely = (Math.LN2 * this.#settled) / this.#found / 2 ** Math.max(0, this.#foundInARow - 1);
    return Math.max(1, Math.min(this.#most, Math.max(Math.floor(likely), this.#sinceFound)));
  }

  /** Writes a group, or finds one record in it that is to blame; what stays open waits again. */
  async #settle(group: readonly Item[]): Promise<void> {
    let part = group;
    let fault = await this.#try(part);
    if (!fault) return this.#done(part);
    while (part.length > 1) {
      if (fault && this.#takesApart(part, fault)) return;
      const middle = Math.ceil(part.length / 2);
      const [half, other] = [part.slice(0, middle), part.slice(middle)];
      fault = await this.#try(half);
      if (fault) {
        this.#wait(other);
        part = half;
      } else {
        this.#done(half);
        part = other;
      }
    }
    // What is left over when all beside it went through was not sent alone yet.
    fault ??= await this.#try(part);
    if (fault) this.#blame(part[0]!, fault);
    else this.#done(part);
  }

  /** Whether the answer itself says how to go on: whom to leave out, or to send less. */
  #takesApart(part: readonly Item[], { is, error }: BatchFault): boolean {
    if (is === 'too large') {
      this.#most = Math.floor(part.length / 2);
      this.#wait(part);
      return true;
    }
    const named = is === 'refused' ? namedRecords(error, part.length) : new Map<number, string>();
    if (named.size === 0) return false;
    for (const [index, reason] of named) this.#refused.push({ item: part[index]!, reason });
    this.#wait(part.filter((_item, index) => !named.has(index)));
    return true;
  }

  #wait(part: readonly Item[]): void {
    this.#rest = [...part, ...this.#rest];
  }

  #done({ length }: readonly Item[]): void {
    this.#settled += length;
    this.#sinceFound += length;
    this.#foundInARow = 0;
  }

  #blame(item: Item, fault: BatchFault): void {
    this.#found++;
    this.#settled++;
    this.#foundInARow++;
    this.#sinceFound = 0;
    if (fault.is === 'stumbled') this.#suspects.push(item);
    else this.#refused.push({ item, reason: reasonOf(fault) });
  }

  async #try(part: readonly Item[]): Promise<BatchFault | undefined> {
    const patient = this.#first && !this.#sending.stumblesBefore;
    this.#first = false;
    const fault = await this.#send(part, patient);
    if (fault?.is === 'stumbled' && this.#stumblesInARow >= STUMBLES_IN_A_ROW) await this.#probe(fault.error);
    return fault;
  }

  async #send(part: readonly Item[], patient: boolean): Promise<BatchFault | undefined> {
    let fault: BatchFault | undefined;
    try {
      await this.#sending.send(part, patient);
    } catch (error) {
      fault = faultOf(error);
      if (!fault) throw error;
    }
    if (!fault) this.#wentThrough ??= part[0];
    const isStumble = fault?.is === 'stumbled';
    this.#stumblesInARow = isStumble ? this.#stumblesInARow + 1 : 0;
    this.#stumbled ||= isStumble;
    return fault;
  }

  /**
   * Bad records may stand side by side. Whether it is them or the server is told by a record that went through before, or,
   * where none did, by records from all over the batch. The first is sent patiently: a server that is not well for a moment is
   * waited for.
   *
   * @throws AppError SERVER_ERROR when the server stumbles over these as well
   */
  async #probe(error: AppError): Promise<void> {
    if (this.#wentThrough !== undefined) {
      if ((await this.#send([this.#wentThrough], true))?.is === 'stumbled') throw failsForAll(error);
      return;
    }
    if (this.#rest.length < PROBES) return;
    for (let at = 0; at < PROBES; at++) {
      const index = Math.floor((at * this.#rest.length) / PROBES);
      const item = this.#rest[index]!;
      const fault = await this.#send([item], at === 0);
      if (fault?.is === 'stumbled') continue;
      this.#rest = this.#rest.filter((_item, other) => other !== index);
      if (fault) this.#refused.push({ item, reason: reasonOf(fault) });
      return;
    }
    throw failsForAll(error);
  }

  /** A 500 may also have come from a moment in which the server was not well. */
  async #lastTry(): Promise<void> {
    await this.#sending.pause();
    for (const item of this.#suspects) {
      const fault = await this.#send([item], false);
      if (fault) this.#refused.push({ item, reason: reasonOf(fault) });
    }
  }
}

function failsForAll(error: AppError): AppError {
  return new AppError(
    error.code,
    `${error.message} It does so to whatever it is sent now: no single record is to blame.`,
    { remedy: error.remedy, details: error.details, cause: error.cause },
  );
}
