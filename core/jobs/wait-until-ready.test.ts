import { expect, it } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import type { JobProgress } from '../../contract/job.ts';
import { waitUntilReady } from './wait-until-ready.ts';

const failing = (code: ConstructorParameters<typeof AppError>[0], text = 'It starts.'): AppError =>
  new AppError(code, text);

function waiting(look: (signal: AbortSignal) => Promise<void>, seconds = 30) {
  const controller = new AbortController();
  const shown: JobProgress[] = [];
  const job = { signal: controller.signal, progress: (progress: JobProgress) => void shown.push(progress) };
  return { controller, shown, done: waitUntilReady(job, { seconds, environment: 'staging', look }) };
}

it('asks again until there is an answer, and says what it waits for', async () => {
  const answers = [failing('UNREACHABLE', 'Nobody listens.'), failing('SERVER_ERROR')];
  const { shown, done } = waiting(async () => {
    const error = answers.shift();
    if (error) throw error;
  });
  await done;
  expect(answers).toEqual([]);
  expect(shown[0]!.phase).toBe('Waiting for “staging”: Nobody listens.');
  expect(shown).toHaveLength(2);
});

it('ends with what the server said last, under a code of the environment', async () => {
  const { done } = waiting(async () => {
    throw failing('NOT_FOUND', 'There is no database.');
  }, 1);
  await expect(done).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: '“staging” was not ready within a second. There is no database.',
    details: { waitedSeconds: 1 },
  });
});

it('does not wait for a server that never answers any longer than it was told', async () => {
  const began = performance.now();
  const { done } = waiting(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(failing('CANCELED')), { once: true });
      }),
    1,
  );
  await expect(done).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(performance.now() - began).toBeLessThan(5000);
});

it.each(['AUTH_FAILED', 'FORBIDDEN', 'TLS_FAILED'] as const)('%s ends it at once', async (code) => {
  let looks = 0;
  const { done } = waiting(async () => {
    looks++;
    throw failing(code);
  });
  await expect(done).rejects.toMatchObject({ code });
  expect(looks).toBe(1);
});

it('can be canceled in the middle of a pause', async () => {
  const { controller, done } = waiting(async () => {
    setTimeout(() => controller.abort(), 20);
    throw failing('UNREACHABLE');
  });
  await expect(done).rejects.toMatchObject({ code: 'CANCELED' });
});
