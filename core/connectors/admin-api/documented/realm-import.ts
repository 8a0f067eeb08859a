import { AppError, isAppError, throwIfAborted } from '../../../../contract/errors.ts';
import { counted } from '../../../../contract/numbers.ts';
import { SECTION_WORDS } from '../../../../contract/sections.ts';
import { canonicalBody } from '../../../model/canonical.ts';
import { parseLine } from '../../../model/exact-json.ts';
import { memberOf } from '../../../model/members.ts';
import type { JsonObject } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import type { ApplyItem, ApplyStep, ApplyTarget, StepOutcome } from '../../connector.ts';
import { captureDocumented, type CaptureTools } from './capture.ts';
import { realmDocument } from './import-body.ts';
import { outcomeOf } from '../retry.ts';
import { delayedAbort } from '../time.ts';

/** Repetitions of an import whose outcome was unknown and that turned out not to have happened. */
const MAX_REPETITIONS = 2;

/**
 * The realm with its roles and clients, in one call: the only way the documented API has to create clients. Users
 * follow in batches.
 *
 * Not repeated blindly: after an answer that got lost it is looked at what stands there now.
 */
export function realmImportStep(
  tools: CaptureTools,
  target: ApplyTarget,
  items: readonly ApplyItem[],
): ApplyStep {
  const count = (section: Section) =>
    counted(items.filter((item) => item.section === section).length, SECTION_WORDS[section][0]);
  const verb = target.mode === 'overwrite' ? 'overwrite' : 'create';
  return {
    label: `${verb} realm ${target.realm} with ${count('roles')} and ${count('clients')}`,
    section: 'realm',
    items: items.map(({ section, key, action }) => ({ section, key, action })),
    repeatable: false,
    run: async (signal) => await new RealmImport(tools, target, items).run(signal),
  };
}

class RealmImport {
  readonly #tools: CaptureTools;
  readonly #target: ApplyTarget;
  readonly #items: readonly ApplyItem[];
  #retries = 0;

  constructor(tools: CaptureTools, target: ApplyTarget, items: readonly ApplyItem[]) {
    this.#tools = tools;
    this.#target = target;
    this.#items = items;
  }

  async run(signal: AbortSignal): Promise<StepOutcome> {
    throwIfAborted(signal);
    const grace = delayedAbort(signal, this.#tools.client.timeouts.cancelGraceMs);
    try {
      await this.#import(grace.signal);
      return { failures: [], retries: this.#retries };
    } finally {
      grace.dispose();
    }
  }

  async #import(signal: AbortSignal): Promise<void> {
    for (let repetition = 0; ; repetition++) {
      try {
        return await this.#send(signal);
      } catch (error) {
        if (!isAppError(error) || error.code === 'CANCELED') throw error;
        const unknown = outcomeOf(error) === 'unknown';
        // A conflict after an attempt whose answer got lost may be with that very attempt.
        if (!unknown && !(repetition > 0 && error.code === 'REALM_EXISTS'))
          throw await this.#refused(error, signal);
        const found = await this.#look(error, signal);
        if (found === 'as sent') {
          this.#retries++;
          return;
        }
        if (found === 'different' || repetition >= MAX_REPETITIONS) throw this.#unknown(error, found);
        this.#retries++;
      }
    }
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { realm, mode } = this.#target;
    const overwrite = mode === 'overwrite';
    await this.#tools.client.json({
      method: 'POST',
      url: this.#tools.endpoints.importRealm(overwrite),
      body: Buffer.from(JSON.stringify(realmDocument(realm, this.#items))),
      purpose: {
        to: `${overwrite ? 'overwrite' : 'create'} realm “${realm}”`,
        notChanged: overwrite ? `Realm “${realm}” was not overwritten.` : `Realm “${realm}” was not created.`,
      },
      repeatable: false,
      signal,
      onRetry: () => this.#retries++,
    });
  }

  /** That a refused import leaves nothing behind is not documented: it is looked at, where that is possible. */
  async #refused(error: AppError, signal: AbortSignal): Promise<AppError> {
    const { realm, mode } = this.#target;
    if (error.code === 'REALM_EXISTS' || outcomeOf(error) === 'not-sent') return error;
    const there = await this.#isThere(signal);
    if (there === undefined) return unseen(error);
    if (there === (mode === 'overwrite')) return error;
    return new AppError(
      error.code,
      there
        ? `${error.message} Yet a realm “${realm}” exists now: the server may have written a part of it.`
        : `${error.message} Yet realm “${realm}” is gone now: the server deleted it and did not recreate it.`,
      {
        remedy: there
          ? 'Look at what stands there, delete it, and apply again.'
          : 'Correct what the server names and apply again, or restore the snapshot that was taken before.',
        details: error.details,
        cause: error.cause,
      },
    );
  }

  /** @returns undefined where that cannot be seen */
  async #isThere(signal: AbortSignal): Promise<boolean | undefined> {
    try {
      return await this.#tools.realms.exists(this.#target.realm, signal);
    } catch (error) {
      if (!isAppError(error)) throw error;
      return undefined;
    }
  }

  /** Looks at the target after an answer that got lost. Throws the first error when even that cannot be done. */
  async #look(error: AppError, signal: AbortSignal): Promise<'absent' | 'as sent' | 'different'> {
    try {
      return await compareWithSent(this.#tools, this.#target.realm, this.#items, signal);
    } catch (second) {
      if (!isAppError(second) || second.code === 'CANCELED') throw second;
      throw this.#unknown(error, 'unknown');
    }
  }

  #unknown(error: AppError, found: string): AppError {
    const { realm, mode } = this.#target;
    const now: Record<string, string> = {
      absent: `Afterwards there was no realm “${realm}”.`,
      different: `Afterwards realm “${realm}” was there, but not as it was sent.`,
      unknown: 'What stands there now could not be looked at either.',
    };
    return new AppError(error.code, `${error.message} ${now[found]}`, {
      remedy:
        mode === 'overwrite'
          ? 'Look at the realm; apply again, or restore the snapshot that was taken before.'
          : 'Look at the realm; delete it if it is a part of this attempt, and apply again.',
      details: { ...error.details, found },
      cause: error.cause,
    });
  }
}

/** What the server said is what has to be told, whatever keeps the look from being taken. */
function unseen(error: AppError): AppError {
  return new AppError(error.code, `${error.message} What stands there now could not be looked at.`, {
    remedy: error.remedy,
    details: { ...error.details, outcome: 'unknown' },
    cause: error.cause,
  });
}

/**
 * Whether the realm is what was sent: everything of it there, and no users yet (they come later; a realm that was to
 * be overwritten and still has some is the old one).
 */
async function compareWithSent(
  tools: CaptureTools,
  realm: string,
  items: readonly ApplyItem[],
  signal: AbortSignal,
): Promise<'absent' | 'as sent' | 'different'> {
  if (!(await tools.realms.exists(realm, signal))) return 'absent';
  const sent = new Map(
    items.map((item) => [idOf(item.section, item.key), canonicalBody(item.section, item.body)]),
  );
  // Not the whole document: it ends at the first user.
  for await (const { section, records } of captureDocumented(tools, realm, {}, signal).batches) {
    if (section === 'users' && records.length > 0) return 'different';
    for (const { key, line } of records) {
      const expected = sent.get(idOf(section, key));
      if (expected === undefined) continue;
      if (!holdsAll(section, parseLine(line), expected)) return 'different';
      sent.delete(idOf(section, key));
    }
  }
  return sent.size === 0 ? 'as sent' : 'different';
}

/** There is one realm, whatever it was called where it came from. */
function idOf(section: Section, key: string): string {
  return section === 'realm' ? section : `${section} ${key}`;
}

/** Compares what a server must give back: not ids and times, nothing with secrets in it, no members that it may not know. */
function holdsAll(section: Section, found: JsonObject, expected: JsonObject): boolean {
  return Object.entries(expected).every(([name, value]) => {
    const member = memberOf(section, name);
    if (member === undefined || member.volatile || member.secret || member.key) return true;
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return true;
    return JSON.stringify(found[name]) === JSON.stringify(value);
  });
}
