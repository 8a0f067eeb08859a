import pg from 'pg';
import { Refusal } from '../http/reply.ts';

const UNIQUE_VIOLATION = '23505';

const CODES: Readonly<Record<string, { code: string; message: string }>> = {
  realms_name_key: { code: 'REALM_EXISTS', message: 'Realm already exists.' },
  users_realm_name_username_key: { code: 'USER_EXISTS', message: 'Username already exists.' },
  users_realm_name_email_key: { code: 'EMAIL_EXISTS', message: 'E-mail already exists.' },
  oauth_clients_client_id_key: { code: 'CLIENT_EXISTS', message: 'Client already exists.' },
};

/**
 * Conflicts are looked for before anything is written; what somebody else wrote between look and write is found by the
 * database's constraints and told in the same words.
 */
export async function withConflictsAs409<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== UNIQUE_VIOLATION) throw error;
    const known = CODES[error.constraint ?? ''];
    if (!known) throw error;
    throw new Refusal(409, known.code, known.message);
  }
}
