import type { JsonObject } from '../../../model/record.ts';
import type { ApplyItem, BegunBefore, IssuedKey, StepOutcome } from '../../connector.ts';
import type { Calls } from './calls.ts';
import { object, objects, same, textIn, type ReleasedTarget } from './target.ts';
import { NotWritten, writeOnce, type Found } from './write-once.ts';

type Given = Omit<IssuedKey, 'section' | 'key'>;

/** As the list tells them; it does not tell web origins (OpenGate v1.1.0, ClientResponse). */
const TOLD = ['name', 'description', 'publicClient', 'pkceRequired', 'redirectUris', 'grantTypes', 'scopes'];
const SENT = [...TOLD, 'webOrigins'];

/**
 * Creates clients under ids and secrets that the server gives them, one after the other: nothing keeps the server from
 * creating one twice, so after an answer that was lost the only sign of it is a client that was not there before.
 */
export class ClientIssuer {
  readonly #target: ReleasedTarget;
  /** Since they were last taken. */
  #issued: IssuedKey[] = [];
  #warnings: string[] = [];
  /** Client ids of all that were created. */
  readonly #ours = new Set<string>();
  /** Ids (of rows) that are there and accounted for; undefined: not read yet. */
  #known: Set<string> | undefined;
  /** What was sent when an answer was lost (it may yet be carried out), or sent again because a server declined at first. */
  readonly #doubtful: { readonly key: string; readonly body: JsonObject }[] = [];

  constructor(target: ReleasedTarget) {
    this.#target = target;
  }

  /**
   * @param before an attempt that was broken off: a client like this one, for which nobody can account, is what it created
   * @throws NotWritten, AppError
   */
  async create(calls: Calls, { key, body }: ApplyItem, before?: BegunBefore): Promise<void> {
    this.#known ??= await this.#accountedFor(calls, before);
    const sent = Object.fromEntries(SENT.flatMap((name) => (body[name] == null ? [] : [[name, body[name]]])));
    const url = this.#target.tools.endpoints.newClient(this.#target.realm);
    const earlier = before ? await this.#look(calls, key, sent) : undefined;
    if (earlier?.is === 'done') {
      this.#keep(key, earlier.value);
      return;
    }
    const { retries } = calls;
    const given = await writeOnce<Given>(calls, {
      notDone: 'The client was not created.',
      write: async () => {
        const to = `create a client like “${key}”`;
        // Not repeatable: a second call is a second client.
        const answer = object(await calls.post(url, { to, body: sent, repeatable: false }), url);
        const secret = answer['clientSecret'];
        return {
          issued: textIn(answer, 'clientId', url),
          ...(typeof secret === 'string' ? { secret } : {}),
        };
      },
      look: async () => await this.#look(calls, key, sent),
    });
    // "Not now" (503, 429) is to mean that nothing was done; a gateway may say it of a call that it had passed on.
    if (calls.retries > retries) this.#doubtful.push({ key, body: sent });
    this.#keep(key, given);
  }

  #keep(key: string, given: Given): void {
    this.#ours.add(given.issued);
    this.#issued.push({ section: 'clients', key, ...given });
  }

  async #accountedFor(calls: Calls, before: BegunBefore | undefined): Promise<Set<string>> {
    const known = new Set<string>();
    for (const { id, clientId } of await this.#list(calls))
      if (!before || (await before.isAccountedFor('clients', clientId))) known.add(id);
    return known;
  }

  /** What is to be journalled of the last step. */
  take(): Pick<StepOutcome, 'issued' | 'warnings'> {
    const taken = { issued: this.#issued, warnings: this.#warnings };
    this.#issued = [];
    this.#warnings = [];
    return taken;
  }

  /** A call that was made again may have been carried out each time: the client is there twice then. */
  async finish(calls: Calls): Promise<void> {
    if (this.#doubtful.length === 0) return;
    for (const { clientId, id, body } of await this.#list(calls)) {
      if (this.#ours.has(clientId) || this.#known!.has(id)) continue;
      const doubtful = this.#doubtful.find((lost) => isLike(body, lost.body));
      if (!doubtful) continue;
      this.#known!.add(id);
      this.#warnings.push(
        `The client “${clientId}” is a second one for “${doubtful.key}”, and nobody needs it: the server did not say that it had created it, so that it was asked once more. Over this channel it cannot be deleted.`,
      );
    }
  }

  async #look(calls: Calls, key: string, sent: JsonObject): Promise<Found<Given>> {
    this.#doubtful.push({ key, body: sent });
    const created = (await this.#list(calls)).find(
      ({ id, clientId, body }) => !this.#known!.has(id) && !this.#ours.has(clientId) && isLike(body, sent),
    );
    if (!created) return { is: 'absent' };
    this.#known!.add(created.id);
    if (sent['publicClient'] === true) return { is: 'done', value: { issued: created.clientId } };
    // Its secret went with the answer: it gets another one.
    const url = this.#target.tools.endpoints.newClientSecret(this.#target.realm, created.id);
    const secret = await this.#newSecret(calls, url, created.clientId);
    return { is: 'done', value: { issued: created.clientId, ...(secret === undefined ? {} : { secret }) } };
  }

  async #newSecret(calls: Calls, url: string, clientId: string): Promise<string | undefined> {
    try {
      const to = `get a new secret for client “${clientId}”`;
      return await writeOnce<string>(calls, {
        notDone: 'No new secret was issued.',
        // Of several secrets the last one counts, and that is the one whose answer came.
        write: async () =>
          textIn(object(await calls.post(url, { to, repeatable: true }), url), 'clientSecret', url),
        look: async () => await Promise.resolve({ is: 'absent' }),
      });
    } catch (error) {
      if (!(error instanceof NotWritten)) throw error;
      this.#warnings.push(
        `The secret of client “${clientId}” is not known: ${error.message} Issue a new one.`,
      );
      return undefined;
    }
  }

  async #list(calls: Calls): Promise<{ id: string; clientId: string; body: JsonObject }[]> {
    const url = this.#target.tools.endpoints.newClient(this.#target.realm);
    const listed = objects(await calls.get(url, `list the clients of realm “${this.#target.realm}”`), url);
    return listed.map((body) => ({
      id: textIn(body, 'id', url),
      clientId: textIn(body, 'clientId', url),
      body,
    }));
  }
}

/** What is not sent gets a value of the server's: only what was sent is compared. */
function isLike(found: JsonObject, sent: JsonObject): boolean {
  return TOLD.every((name) => sent[name] === undefined || same(found[name], sent[name]));
}
