import type { ElectronApplication } from '@playwright/test';

/** A message box, as the program asked for it. */
export interface Question {
  readonly message: string;
  readonly detail: string;
  readonly buttons: string[];
  readonly defaultId: number;
  readonly cancelId: number;
}

/** Answers whatever the program asks from now on, and keeps what it asked. */
export async function answerQuestions(app: ElectronApplication, answer: number): Promise<void> {
  await app.evaluate(({ dialog }, answer) => {
    const asked: unknown[] = ((globalThis as Record<string, unknown>)['asked'] ??= []) as unknown[];
    dialog.showMessageBox = async (...given: unknown[]) => {
      asked.push(given.at(-1));
      return { response: answer, checkboxChecked: false };
    };
  }, answer);
}

export function questions(app: ElectronApplication): Promise<Question[]> {
  return app.evaluate(() => ((globalThis as Record<string, unknown>)['asked'] ?? []) as never);
}
