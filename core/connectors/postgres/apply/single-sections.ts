import { AppError } from '../../../../contract/errors.ts';
import type { Session } from '../session.ts';
import { isServerState } from './apply-errors.ts';
import { StagedSection, type Applying } from './staged-section.ts';
import { STAGED } from './stage.ts';

export class ClientsSection extends StagedSection {
  constructor(of: Applying, session: Session) {
    super('clients', of, session);
  }

  /** Client ids are unique over all realms. @throws AppError CLIENT_EXISTS */
  override async insert(): Promise<void> {
    if (this.count.c === 0) return;
    const [taken] = await this.session.query<{ client: string; realm: string }>(
      `SELECT s.client_id AS client, t.realm_name AS realm
       FROM ${this.stageSql} AS s JOIN ${this.table.sql} AS t ON t.client_id = s.client_id
       WHERE s.${STAGED.action} = 'c' AND t.realm_name <> $1 ORDER BY s.${STAGED.n} LIMIT 1`,
      [this.of.realm],
    );
    if (taken)
      throw new AppError(
        'CLIENT_EXISTS',
        `The client id “${taken.client}” belongs to realm “${taken.realm}” already: client ids are unique over all realms.`,
        {
          remedy: 'Exclude this client, or give it another id at its source.',
          details: { clientId: taken.client, realm: taken.realm },
        },
      );
    await super.insert();
  }
}

export class RealmSection extends StagedSection {
  constructor(of: Applying, session: Session) {
    super('realm', of, session);
  }

  /** @throws AppError REALM_EXISTS when somebody else has just created it */
  override async insert(): Promise<void> {
    try {
      await super.insert();
    } catch (error) {
      throw isServerState(error, '23505') ? realmExists(this.of.realm) : error;
    }
  }
}

export function realmExists(realm: string): AppError {
  return new AppError('REALM_EXISTS', `A realm “${realm}” exists already.`, {
    remedy: 'Compare again: then it can be merged or overwritten.',
    details: { realm },
  });
}
