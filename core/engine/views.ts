import type { SnapshotView } from '../../contract/snapshot.ts';
import { SECTIONS } from '../model/sections.ts';
import type { SnapshotManifest } from '../model/snapshot.ts';

/** A snapshot as the contract shows it. */
export function snapshotView(manifest: SnapshotManifest): SnapshotView {
  const captured = SECTIONS.filter((section) => manifest.summaries[section]);
  return {
    id: manifest.id,
    realm: manifest.realm,
    ...(manifest.environment === undefined ? {} : { environment: manifest.environment }),
    channel: manifest.channel,
    dialect: manifest.dialect,
    ...(manifest.serverVersion === undefined ? {} : { serverVersion: manifest.serverVersion }),
    purpose: manifest.purpose,
    startedAt: manifest.startedAt,
    finishedAt: manifest.finishedAt,
    ...(manifest.window && { window: { ...manifest.window } }),
    ...(manifest.inconsistent === undefined ? {} : { inconsistent: manifest.inconsistent }),
    ...(manifest.retries === undefined ? {} : { retries: manifest.retries }),
    ...(manifest.archived && { archived: { ...manifest.archived } }),
    ...(manifest.pseudonymized && { pseudonymized: { ...manifest.pseudonymized } }),
    root: manifest.root,
    unchanged: manifest.unchangedSince !== undefined,
    ...(manifest.unchangedSince === undefined ? {} : { unchangedSince: manifest.unchangedSince }),
    complete: manifest.complete,
    counts: Object.fromEntries(captured.map((section) => [section, manifest.summaries[section]!.count])),
    bytes: captured.reduce((sum, section) => sum + manifest.summaries[section]!.bytes, 0),
    missing: manifest.missing.map((missing) => ({ ...missing })),
    warnings: [...manifest.warnings],
    tags: [...manifest.tags],
    ...(manifest.note === undefined ? {} : { note: manifest.note }),
    pinned: manifest.pinned,
    ...(manifest.trashedAt === undefined ? {} : { trashedAt: manifest.trashedAt }),
  };
}
