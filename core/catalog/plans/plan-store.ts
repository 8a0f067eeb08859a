import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { JsonObject } from '../../model/record.ts';
import { findByPrefix } from '../database/find-by-prefix.ts';
import { whole } from '../chunks/damage.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import { namedId, type DamagedEntry } from '../damaged-entry.ts';
import type { Seal } from '../seal.ts';
import { damaged, sealedJson } from '../vault/sealed-json.ts';

const planHead = z.object({
  id: z.string(),
  status: z.enum(['open', 'applied']),
  createdAt: z.iso.datetime(),
  appliedAt: z.iso.datetime().optional(),
  /** The job that applied it. */
  appliedBy: z.string().optional(),
});
type PlanHead = z.infer<typeof planHead>;

/** A stored plan. What is in the document is the planner's business: it comes out as it went in. */
export interface StoredPlan<Document extends JsonObject> extends PlanHead {
  readonly document: Document;
}

export interface NewPlan<Document extends JsonObject> {
  readonly id: string;
  /** ISO instant, UTC. */
  readonly createdAt: string;
  readonly document: Document;
}

/** Every method may throw CATALOG_DAMAGED, CATALOG_LOCKED, DISK_FULL, FILE_FAILED. */
export interface PlanStore<Document extends JsonObject = JsonObject> {
  save(plan: NewPlan<Document>): StoredPlan<Document>;
  /** @throws AppError NOT_FOUND, AMBIGUOUS */
  get(idOrPrefix: string): StoredPlan<Document>;
  /** Newest first. */
  list(filter?: { status?: PlanHead['status']; limit?: number }): StoredPlan<Document>[];
  /** @throws AppError NOT_FOUND, AMBIGUOUS */
  markApplied(idOrPrefix: string, job: string): StoredPlan<Document>;
  /**
   * Removes open plans created before `instant`: nobody will apply them, and their targets have moved on.
   *
   * @param kept the ids of those that are needed all the same: a job that was broken off leaves its plan open
   * @returns how many
   */
  expire(instant: Date, kept?: ReadonlySet<string>): number;
  /** Whatever became of it. Harmless when it is gone. */
  remove(id: string): void;
  /** Those that cannot be read. */
  damaged(): DamagedEntry[];
}

const NO_PLAN = 'Make one: drawbridge plan <source> <environment>.';

interface Row {
  readonly id: string;
  readonly status: string;
  readonly seq: number;
  readonly head: Buffer;
}

export function createPlanStore<Document extends JsonObject = JsonObject>({
  db,
  seal,
  now = () => new Date(),
}: {
  db: Database;
  seal: Seal;
  now?: (() => Date) | undefined;
}): PlanStore<Document> {
  const sealed = sealedJson(seal);
  const selectOne = db.prepare<[string], Row>('SELECT * FROM plans WHERE id = ?');
  const selectNewest = db.prepare<[{ status: string | null; limit: number }], Row>(
    'SELECT * FROM plans WHERE @status IS NULL OR status = @status ORDER BY seq DESC LIMIT @limit',
  );
  const selectDocument = db
    .prepare<[number], Buffer>('SELECT document FROM plan_documents WHERE plan = ?')
    .pluck();
  const insert = db.prepare<Omit<Row, 'seq'>>(
    'INSERT INTO plans (id, status, head) VALUES (@id, @status, @head)',
  );
  const insertDocument = db.prepare<[number | bigint, Buffer]>(
    'INSERT INTO plan_documents (plan, document) VALUES (?, ?)',
  );
  const updateHead = db.prepare<[string, Buffer, string]>(
    'UPDATE plans SET status = ?, head = ? WHERE id = ?',
  );
  const remove = db.prepare<[string]>('DELETE FROM plans WHERE id = ?');
  const inTransaction = <T>(work: () => T): T => withSqliteErrors(() => db.transaction(work).immediate());
  const sealHead = (head: PlanHead) => sealed.seal(['plans', head.id, 'head'], head);

  function headOf(row: Row): PlanHead {
    const place = ['plans', row.id, 'head'] as const;
    const head = sealed.open(place, row.head, planHead);
    if (head.status !== row.status) throw damaged(place);
    return head;
  }

  function planOf(row: Row): StoredPlan<Document> {
    const place = ['plan_documents', row.id, 'document'] as const;
    const document = withSqliteErrors(() => selectDocument.get(row.seq));
    if (!document) throw damaged(place);
    return { ...headOf(row), document: sealed.openObject(place, document) as Document };
  }

  function rowOf(idOrPrefix: string): Row {
    const id = findByPrefix(db, 'plans', idOrPrefix, 'plan', NO_PLAN);
    return withSqliteErrors(() => selectOne.get(id)!);
  }

  return {
    save({ id, createdAt, document }) {
      const head: PlanHead = { id, status: 'open', createdAt };
      return inTransaction(() => {
        const { lastInsertRowid } = insert.run({ id, status: head.status, head: sealHead(head) });
        insertDocument.run(lastInsertRowid, sealed.seal(['plan_documents', id, 'document'], document));
        return planOf(selectOne.get(id)!);
      });
    },
    get: (idOrPrefix) => planOf(rowOf(idOrPrefix)),
    list({ status, limit = -1 } = {}) {
      return withSqliteErrors(() => selectNewest.all({ status: status ?? null, limit })).map(planOf);
    },
    markApplied(idOrPrefix, job) {
      return inTransaction(() => {
        const row = rowOf(idOrPrefix);
        const head: PlanHead = {
          ...headOf(row),
          status: 'applied',
          appliedAt: now().toISOString(),
          appliedBy: job,
        };
        updateHead.run(head.status, sealHead(head), head.id);
        return planOf(selectOne.get(head.id)!);
      });
    },
    damaged: () =>
      // As of one moment: others may be removing plans.
      withSqliteErrors(() =>
        db.transaction(() =>
          selectNewest
            .all({ status: null, limit: -1 })
            .flatMap((row) =>
              whole(() => planOf(row)).value
                ? []
                : [{ id: row.id, text: `Plan ${namedId(row.id)} is damaged.` }],
            ),
        )(),
      ),
    expire(instant, kept) {
      return inTransaction(() => {
        const open = selectNewest.all({ status: 'open', limit: -1 });
        const old = open.filter(
          (row) => !kept?.has(row.id) && Date.parse(headOf(row).createdAt) < instant.getTime(),
        );
        for (const { id } of old) remove.run(id);
        return old.length;
      });
    },
    remove(id) {
      withSqliteErrors(() => remove.run(id));
    },
  };
}
