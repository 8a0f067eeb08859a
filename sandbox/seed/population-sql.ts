import type { Population } from './environments.ts';

/**
 * The numbers (`n`, from 1) of the users that a realm has, and what each is: SQL of the shape `(n bigint, kind text)`.
 * Databases of one environment agree on users' ids only through these numbers, so they share this text.
 *
 * A `drifted` realm has three fifths of the people (`same`), a dozen whose e-mail belongs to another user name of the
 * whole realm (`email-taken`), a dozen that differ from theirs only by case (`case-differs`), and 2 % of its own
 * (`only-here`).
 *
 * @param deliberate how many of the first numbers are deliberate users, which are never varied
 */
export function populationSql(population: Population, users: number, deliberate: number): string {
  const whole = `SELECT n, 'same' AS kind FROM generate_series(1::bigint, ${users}) AS n`;
  if (population === 'whole') return whole;
  // A multiple of 5, so that these dozen come from the two fifths that are missing.
  const step = Math.max(5, 5 * Math.floor(users / 60));
  const varied = `n > ${deliberate} AND n % ${step}`;
  return `
    SELECT n, kind FROM (
      SELECT n, CASE WHEN n % 5 < 3 THEN 'same'
                     WHEN ${varied} = 3 THEN 'email-taken'
                     WHEN ${varied} = 4 THEN 'case-differs' END AS kind
      FROM generate_series(1::bigint, ${users}) AS n
    ) AS numbered WHERE kind IS NOT NULL
    UNION ALL
    SELECT n, 'only-here' FROM generate_series(${users + 1}::bigint, ${users + Math.floor(users / 50)}) AS n`;
}

/** A pseudo-random non-negative number below 2^26 for user `n`, the same in every environment. */
export function scrambledSql(firstNumber: number): string {
  return `((((${firstNumber - 1} + n) * 2654435761) % 4294967296) >> 6)`;
}

/** Ids that are the same in every run and differ between environments, in the form of a random UUID. */
export const SEED_UUID_FUNCTION = `
  CREATE FUNCTION pg_temp.seed_uuid(text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN overlay(overlay(md5($1) PLACING '4' FROM 13) PLACING 'b' FROM 17)::uuid;`;
