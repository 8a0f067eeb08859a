import type { Session } from '../databases.ts';
import type { SeededRealm } from './environments.ts';
import { LATIN_SCRIPTS, NAMES_PER_SCRIPT, SCRIPTS } from './names.ts';
import { populationSql, scrambledSql, SEED_UUID_FUNCTION } from './population-sql.ts';
import { SEEDED_HASHES } from './seeded-passwords.ts';

const names = (kind: 'given' | 'family', form: 0 | 1): string[] =>
  SCRIPTS.flatMap((script) => script[kind].split(' ').map((name) => name.split('|')[form] ?? ''));

const GIVEN = names('given', 0);
const GIVEN_LATIN = names('given', 1);
const FAMILY = names('family', 0);
const FAMILY_LATIN = names('family', 1);

/** Fills the users' database: people, their BCrypt hashes, their social links. */
export async function seedUsers(
  session: Session,
  environment: string,
  realms: readonly SeededRealm[],
): Promise<void> {
  await session.execute(SEED_UUID_FUNCTION);
  for (const seeded of realms) {
    if (seeded.users === 0) continue;
    await seedPeople(session, environment, seeded);
    await seedCredentials(session, environment, seeded);
    await seedSocialLinks(session, environment, seeded);
  }
  await plantTakenSocialLink(session, environment, realms);
}

const user = (n: string): string => `pg_temp.seed_uuid($1::text || '/user/' || $2::text || '/' || ${n})`;

async function seedPeople(session: Session, environment: string, seeded: SeededRealm): Promise<void> {
  const { realm, users, population } = seeded;
  const deliberate = realm.deliberateUsers;
  await session.execute(
    `
    WITH people AS (
      SELECT n, kind, h, deliberate,
             script * ${NAMES_PER_SCRIPT} + 1 + (h / 7) % ${NAMES_PER_SCRIPT} AS given,
             script * ${NAMES_PER_SCRIPT} + 1 + (h / 1009) % ${NAMES_PER_SCRIPT} AS second_given,
             script * ${NAMES_PER_SCRIPT} + 1
               + ((h / 89) + CASE WHEN drifted AND n % 50 = 1 THEN 1 ELSE 0 END) % ${NAMES_PER_SCRIPT} AS family,
             script * ${NAMES_PER_SCRIPT} + 1 + (h / 89) % ${NAMES_PER_SCRIPT} AS family_then,
             drifted
      FROM (
        SELECT n, kind, h, n <= cardinality($3::text[]) AS deliberate,
               ${population === 'drifted'} AND kind = 'same' AND n > cardinality($3::text[]) AS drifted,
               CASE WHEN h % 100 < 60 THEN (h / 100) % ${LATIN_SCRIPTS}
                    ELSE ${LATIN_SCRIPTS} + (h / 100) % ${SCRIPTS.length - LATIN_SCRIPTS} END AS script
        FROM (SELECT n, kind, ${scrambledSql(realm.firstNumber)} AS h
              FROM (${populationSql(population, users, deliberate.length)}) AS population) AS scrambled
      ) AS scripted
    ), named AS (
      SELECT *,
        ($6::text[])[given] || CASE WHEN h % 5 < 3 THEN ' ' || ($6::text[])[second_given] ELSE '' END AS given_name,
        ($7::text[])[family] AS family_name,
        ($8::text[])[given] || '.' || ($9::text[])[family_then] || n AS latin,
        (ARRAY['@staff.acme-corporation.example', '@contractors.asia-pacific.acme.example.com.kh', '@mail.example'])
          [1 + h % 3] AS domain
      FROM people
    )
    INSERT INTO users (id, realm_name, username, email, first_name, last_name, enabled, email_verified,
                       created_at, updated_at)
    SELECT
      ${user('n')},
      $2::text,
      CASE WHEN deliberate THEN ($3::text[])[n]
           WHEN kind = 'email-taken' THEN 'legacy-' || n
           WHEN kind = 'case-differs' THEN upper(usual_name)
           ELSE usual_name END,
      CASE WHEN deliberate THEN 'person-' || n || '@' || $2::text || '.example'
           WHEN kind = 'case-differs' THEN 'case.' || latin || '@mail.example'
           WHEN drifted AND n % 50 = 5 THEN latin || '@acquired.example'
           ELSE latin || domain END,
      CASE WHEN deliberate THEN ($4::text[])[n] WHEN n % 61 = 0 THEN NULL ELSE given_name END,
      CASE WHEN deliberate THEN ($5::text[])[n] WHEN n % 67 = 0 THEN NULL ELSE family_name END,
      (n % 23 <> 0) <> (drifted AND n % 50 = 2),
      (h % 4 <> 0) <> (drifted AND n % 50 = 6),
      created,
      created + (h % 9000000) * interval '1.000003 seconds'
    FROM named, LATERAL (
      SELECT CASE WHEN n % 20 = 7 THEN given_name || '_' || n
                  -- As many firms have it: the e-mail address is the user name.
                  WHEN n % 2 = 0 THEN latin || domain
                  ELSE latin END AS usual_name
    ) AS called, LATERAL (
      SELECT date_trunc(
        CASE n % 10 WHEN 0 THEN 'second' WHEN 1 THEN 'milliseconds' ELSE 'microseconds' END,
        timestamptz '2021-03-01 06:00:00Z' + (n % 900000) * interval '97.310007 seconds') AS created
    ) AS dated
    ORDER BY n`,
    [
      environment,
      realm.name,
      deliberate.map((person) => person.username).slice(0, users),
      deliberate.map((person) => person.firstName).slice(0, users),
      deliberate.map((person) => person.lastName).slice(0, users),
      GIVEN,
      FAMILY,
      GIVEN_LATIN,
      FAMILY_LATIN,
    ],
  );
}

async function seedCredentials(session: Session, environment: string, seeded: SeededRealm): Promise<void> {
  const { realm, users, population } = seeded;
  await session.execute(
    `INSERT INTO user_credentials (id, user_id, credential_type, secret_hash, created_at, updated_at)
     SELECT pg_temp.seed_uuid($1::text || '/credential/' || $2::text || '/' || n), ${user('n')}, 'PASSWORD',
            ($3::text[])[1 + (${realm.firstNumber - 1} + n) % cardinality($3::text[])],
            timestamptz '2024-06-01 00:00:00Z' + (n % 300000) * interval '31.7 seconds',
            timestamptz '2024-06-01 00:00:00Z' + (n % 300000) * interval '61.9 seconds'
     FROM (${populationSql(population, users, realm.deliberateUsers.length)}) AS population
     WHERE n % 33 <> 5`,
    [environment, realm.name, SEEDED_HASHES],
  );
}

async function seedSocialLinks(session: Session, environment: string, seeded: SeededRealm): Promise<void> {
  const { realm, users, population } = seeded;
  await session.execute(
    `INSERT INTO user_social_links (id, user_id, provider, provider_user_id, provider_email)
     SELECT pg_temp.seed_uuid($1::text || '/link/' || provider || $2::text || n), ${user('n')}, provider,
            ${providerUserIdSql('$2::text', 'n', 'provider')},
            CASE WHEN n % 2 = 0 THEN 'social-' || n || '@mail.example' END
     FROM (${populationSql(population, users, realm.deliberateUsers.length)}) AS population
     JOIN (VALUES ('google', 29, 3), ('github', 41, 7)) AS linked (provider, divisor, remainder)
       ON n % divisor = remainder`,
    [environment, realm.name],
  );
}

/** The provider's own id of a person: the same in every environment, as Google's is. */
const providerUserIdSql = (realm: string, n: string, provider: string): string =>
  `('x' || left(md5(${realm} || '/' || ${n} || '/' || ${provider}), 15))::bit(60)::bigint::text`;

/** A social link that a user of `acme` has in dev and somebody of another realm has in prod (unique over all realms). */
async function plantTakenSocialLink(
  session: Session,
  environment: string,
  realms: readonly SeededRealm[],
): Promise<void> {
  const drifted = realms.find((seeded) => seeded.population === 'drifted');
  const other = realms.find((seeded) => seeded.realm.name === 'partner-portal');
  if (!drifted || !other) return;
  await session.execute(
    `INSERT INTO user_social_links (id, user_id, provider, provider_user_id, provider_email)
     VALUES (pg_temp.seed_uuid($1::text || '/link/taken'), ${user('5')}, 'google',
             ${providerUserIdSql('$3::text', '119', "'google'")}, 'taken@mail.example')`,
    [environment, other.realm.name, drifted.realm.name],
  );
}
