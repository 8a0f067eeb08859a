import { z } from 'zod';

/**
 * Which snapshots follow each other: those of one realm in one environment; or of one realm as archives brought it, of the
 * environment that they name; or of pseudonymised copies of it; or of its documents. Only what is of one series is judged,
 * listed and counted together: “prod” in an archive need not be what is called “prod” here.
 */
export const series = z.object({
  /** None: what was taken of no environment here. */
  environment: z.string().optional(),
  /** Of archives and pseudonymised copies: the environment that they were taken of, as they name it. */
  origin: z.string().optional(),
  archived: z.literal(true).optional(),
  pseudonymized: z.literal(true).optional(),
  realm: z.string(),
});
export type Series = z.infer<typeof series>;

/** A snapshot as far as it tells where it comes from: its manifest, or its view. */
export interface ComesFrom {
  readonly realm: string;
  readonly environment?: string | undefined;
  readonly archived?: { readonly environment?: string | undefined } | undefined;
  readonly pseudonymized?: { readonly environment?: string | undefined } | undefined;
}

export function seriesOf({ realm, environment, archived, pseudonymized }: ComesFrom): Series {
  if (environment !== undefined) return { environment, realm };
  const origin = archived?.environment ?? pseudonymized?.environment;
  return {
    ...(origin !== undefined && { origin }),
    ...(archived && { archived: true }),
    ...(pseudonymized && { pseudonymized: true }),
    realm,
  };
}

/** Equal for snapshots of one series, and for no others. */
export function seriesKey(snapshot: ComesFrom): string {
  const { environment, origin, archived, pseudonymized, realm } = seriesOf(snapshot);
  return JSON.stringify([
    environment ?? null,
    origin ?? null,
    archived ?? null,
    pseudonymized ?? null,
    realm,
  ]);
}

/** “prod/acme”, “prod/acme (archives)”, “acme (files)”. */
export function seriesName({ environment, origin, archived, pseudonymized, realm }: Series): string {
  if (environment !== undefined) return `${environment}/${realm}`;
  const kinds = [...(pseudonymized ? ['pseudonymised'] : []), ...(archived ? ['archives'] : [])];
  return `${origin === undefined ? '' : `${origin}/`}${realm} (${kinds.length === 0 ? 'files' : kinds.join(', ')})`;
}

/**
 * When a realm was as a snapshot shows it: of what an archive brought, when it was taken where it comes from, as the archive
 * tells it; not when it was imported. ISO instant, UTC.
 */
export function takenAt({
  archived,
  finishedAt,
}: {
  readonly archived?: { readonly finishedAt: string } | undefined;
  readonly finishedAt: string;
}): string {
  return archived?.finishedAt ?? finishedAt;
}
