import { chromium, type Browser } from '@playwright/test';
import { chromiumLaunch } from '../test/e2e/chromium.ts';
import { Program } from '../test/e2e/program.ts';

/** A real Chromium, as a person has one open. */
export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch(await chromiumLaunch());
}

/** `drawbridge serve` of a catalog. */
export function serve(catalog: string, env: NodeJS.ProcessEnv): Program {
  return new Program(`--catalog ${catalog} serve --json --no-schedules`, env);
}

/** @throws Error with what it said instead */
export async function addressOf(served: Program): Promise<string> {
  const said = await served.firstLine();
  const { url } = JSON.parse(said) as { url?: string };
  if (url === undefined) throw new Error(`drawbridge serve did not start: ${said}`);
  return url;
}
