import type { Database } from 'better-sqlite3';
import { keepingSettings, type KeepingSettings } from '../../../contract/retention.ts';
import { whole } from '../chunks/damage.ts';
import type { DamagedEntry } from '../damaged-entry.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { Seal } from '../seal.ts';
import { sealedJson } from '../vault/sealed-json.ts';

/** Every method may throw CATALOG_DAMAGED, CATALOG_LOCKED, DISK_FULL, FILE_FAILED. */
export interface KeepingSettingsStore {
  /** What was set; where nothing was, what goes without saying. */
  get(): KeepingSettings;
  change(change: { readonly [Name in keyof KeepingSettings]?: string | undefined }): KeepingSettings;
  /** Those that cannot be read, by their names. */
  damaged(): DamagedEntry[];
}

const NAME = 'keeping';
const PLACE = ['catalog_settings', NAME, 'value'] as const;

export function createKeepingSettings({ db, seal }: { db: Database; seal: Seal }): KeepingSettingsStore {
  const sealed = sealedJson(seal);
  const select = db.prepare<[string], Buffer>('SELECT value FROM catalog_settings WHERE name = ?').pluck();
  const upsert = db.prepare<[string, Buffer]>(
    'INSERT INTO catalog_settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  const get = (): KeepingSettings => {
    const value = select.get(NAME);
    return value ? sealed.open(PLACE, value, keepingSettings) : keepingSettings.parse({});
  };
  return {
    get: () => withSqliteErrors(get),
    damaged: () =>
      whole(() => withSqliteErrors(get)).value
        ? []
        : [{ id: NAME, text: 'The settings of how long things are kept are damaged.' }],
    change(change) {
      const work = db.transaction(() => {
        const given = Object.entries(change).filter(([, value]) => value !== undefined);
        const settings = keepingSettings.parse({ ...get(), ...Object.fromEntries(given) });
        upsert.run(NAME, sealed.seal(PLACE, settings));
        return settings;
      });
      return withSqliteErrors(() => work.immediate());
    },
  };
}
