import type { ClientContext, ClientLink } from '@orpc/client';
import { ORPCError } from '@orpc/contract';
import { AppError, isAppError } from '../../contract/errors.ts';
import type { EngineConnection } from './host.ts';

/**
 * Translates what a link throws once the line under it is gone: oRPC's errors are then of its own queues, or of a
 * socket that is not open. What the engine itself had answered, and what the caller has given up, stays as it is.
 *
 * @param isLost whether the line is gone for good
 */
export function tellingLostLine(
  link: ClientLink<ClientContext>,
  isLost: () => boolean,
): ClientLink<ClientContext> {
  return {
    async call(path, input, options) {
      // A port that is closed takes what is posted to it, and never answers.
      if (isLost()) throw lostLine();
      const translated = async <T>(work: Promise<T>): Promise<T> => {
        try {
          return await work;
        } catch (error) {
          const isOfTheLine = isLost() && !(error instanceof ORPCError) && !isAppError(error);
          throw isOfTheLine && !options.signal?.aborted ? lostLine(error) : error;
        }
      };
      const output = await translated(link.call(path, input, options));
      return isIterator(output) ? translatedIterator(output, translated) : output;
    },
  };
}

/** Whether a connection is gone, from now on. To be called before a link listens: it is told of the end in this order. */
export function watchLine(connection: EngineConnection): () => boolean {
  let lost = false;
  const line = connection.kind === 'socket' ? connection.socket : connection.port;
  line.addEventListener('close', () => (lost = true));
  return () => lost;
}

function lostLine(cause?: unknown): AppError {
  return new AppError('CONNECTION_LOST', 'The line to the engine broke.', {
    notChanged: 'What became of what was under way is not known here.',
    remedy:
      'This window connects again by itself. A job that was under way is then shown under Jobs as interrupted, and can be resumed there; look before you do anything else again.',
    cause,
  });
}

type Translate = <T>(work: Promise<T>) => Promise<T>;

function isIterator(output: unknown): output is AsyncGenerator {
  return typeof output === 'object' && output !== null && 'next' in output && Symbol.asyncIterator in output;
}

/** Not a generator of its own: the end of one waits for the event that is being waited for. */
function translatedIterator(events: AsyncGenerator, translated: Translate): AsyncGenerator {
  return {
    next: (...given) => translated(events.next(...given)),
    return: (value) => events.return(value),
    throw: (error) => events.throw(error),
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await events.return(undefined);
    },
  };
}
