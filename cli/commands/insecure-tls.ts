import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { quoted } from '../render/visible.ts';
import { isFileSource } from '../../contract/source-form.ts';

const LIVE = /^([^/:.]+)\/[^/]+$/;

/** Switching certificate checks off is never remembered silently: every command that uses such an environment says so. */
export async function warnOfInsecureTls(
  io: Io,
  client: EngineClient,
  used: readonly (string | undefined)[],
): Promise<void> {
  for (const environment of await client.environments.list()) {
    if (environment.api?.insecureTls && used.includes(environment.name)) warnOf(io, environment.name);
  }
}

export function warnOf(io: Io, environment: string): void {
  io.warn(
    `The certificate of ${quoted(environment)} is NOT checked (--insecure-tls): anybody on the way can read and change what is sent, the client’s secret included.`,
  );
}

/** The environment that a source is read from live, if it is. */
export function environmentOfSource(source: string): string | undefined {
  return isFileSource(source) ? undefined : LIVE.exec(source)?.[1];
}
