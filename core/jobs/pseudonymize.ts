import bcrypt from 'bcryptjs';
import { createHmac } from 'node:crypto';
import { AppError } from '../../contract/errors.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { canonicalRecord } from '../model/canonical.ts';
import { parseLine } from '../model/exact-json.ts';
import { MentionedPeople } from '../model/pseudonyms/mentioned-people.ts';
import { PeopleSearch } from '../model/pseudonyms/people-search.ts';
import { createPseudonymizer } from '../model/pseudonyms/pseudonymizer.ts';
import { pseudonymizedRecord, type NewSecrets } from '../model/pseudonyms/pseudonymized-record.ts';
import type { CanonicalRecord } from '../model/record.ts';
import { redactedBody } from '../model/redact-secrets.ts';
import { SECTIONS, type Section } from '../model/sections.ts';
import type { CaptureFacts, Missing, SnapshotManifest } from '../model/snapshot.ts';
import { CopyFindings } from './copy-findings.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';

export interface PseudonymizeRequest {
  /** 32 bytes: the catalog's own, or one that is shared with others. */
  readonly catalogKey: Buffer;
  readonly keepDomains: boolean;
  readonly keys?:
    | {
        /** For pseudonyms that agree with those of another catalog. */
        readonly key?: string | undefined;
        /** The password of everybody who had one. */
        readonly password?: string | undefined;
        /** The secret of every client that had one. */
        readonly clientSecret?: string | undefined;
      }
    | undefined;
  readonly tags?: readonly string[];
}

/** What OpenGate hashes with. */
const BCRYPT_COST = 12;
/** BCrypt looks at no more. Bytes. */
const LONGEST_PASSWORD = 72;

/**
 * Makes a copy of a snapshot in which everybody is somebody else: always the same for the same key. The copy is marked,
 * belongs to no environment and is no backup; a plan from it onto what it is a copy of has to be confirmed.
 *
 * @throws AppError USAGE (a password that BCrypt would cut), CATALOG_DAMAGED, DISK_FULL, CANCELED
 */
export async function pseudonymizeSnapshot(
  job: JobContext,
  snapshots: SnapshotStore,
  snapshot: SnapshotManifest,
  { catalogKey, keepDomains, keys = {}, tags = [] }: PseudonymizeRequest,
): Promise<SnapshotManifest> {
  const key = keys.key === undefined ? catalogKey : sharedKey(keys.key);
  const secrets: NewSecrets = {
    passwordHash: await hashOf(key, 'password', keys.password),
    clientSecretHash: await hashOf(key, 'client secret', keys.clientSecret),
  };
  const sections = SECTIONS.filter(
    (section) =>
      snapshot.summaries[section] && (section !== 'credentials' || secrets.passwordHash !== undefined),
  );
  const names = createPseudonymizer({ key, keepDomains });
  const search = await peopleSearch(job, snapshots, snapshot);
  const replacements = { names, secrets, people: new MentionedPeople(search.index(), names) };
  const total = sections.reduce((sum, section) => sum + snapshot.summaries[section]!.count, 0);
  const meter = new PhaseMeter(job, `Pseudonymising snapshot ${snapshot.id}`, 'records', total);
  const writer = snapshots.begin({
    realm: snapshot.realm,
    purpose: 'import',
    complete: false,
    tags,
    note: `Pseudonymised copy of snapshot ${snapshot.id}`,
  });
  const findings = new CopyFindings({ withoutUsers: search.hasTexts && !snapshot.summaries.users });
  try {
    for (const section of sections)
      for await (const records of snapshots.read(snapshot.id, section, job.signal)) {
        await writer.add(
          section,
          records.flatMap((record) => changed(section, record)),
        );
        meter.advance(records.length);
      }
    const facts = factsOf(snapshot, sections, { keepDomains, secrets, findings });
    return await writer.commit(facts, job.signal);
  } catch (error) {
    await writer.abort();
    throw error;
  }

  function changed(section: Section, { line }: CanonicalRecord): CanonicalRecord[] {
    const made = pseudonymizedRecord(section, parseLine(line), replacements);
    if (made.body === undefined) {
      findings.add(section, undefined, made);
      return [];
    }
    const record = canonicalRecord(section, made.body);
    findings.add(section, record.key, made);
    return [record];
  }
}

/** Whom texts outside the records of users name: the texts first, which are few, then everybody, held against them. */
async function peopleSearch(
  job: JobContext,
  snapshots: SnapshotStore,
  { id, summaries }: SnapshotManifest,
): Promise<PeopleSearch> {
  const search = new PeopleSearch();
  for (const section of ['realm', 'roles', 'groups', 'clients', 'policies'] as const)
    if (summaries[section])
      for await (const records of snapshots.read(id, section, job.signal))
        for (const { key, line } of records) {
          const body = parseLine(line);
          if (section !== 'realm') search.addKey(key);
          search.addRecordId(body['id']);
          search.addTexts(redactedBody(section, body));
        }
  if (!search.hasTexts || !summaries.users) return search;
  const meter = new PhaseMeter(
    job,
    `Looking for names of users in snapshot ${id}`,
    'users',
    summaries.users.count,
  );
  for await (const records of snapshots.read(id, 'users', job.signal)) {
    for (const { line } of records) search.addUser(parseLine(line));
    meter.advance(records.length);
  }
  for (const section of ['credentials', 'socialLinks'] as const)
    if (summaries[section] && search.hasOpenIds)
      for await (const records of snapshots.read(id, section, job.signal))
        for (const { line } of records) search.addPersonId(parseLine(line)['id']);
  return search;
}

function sharedKey(text: string): Buffer {
  return createHmac('sha256', 'pseudonyms under a shared key, version 1').update(text).digest();
}

/** With a salt that comes from the key: the same password gives the same hash, so that equal copies are equal. */
async function hashOf(key: Buffer, use: string, secret: string | undefined): Promise<string | undefined> {
  if (secret === undefined) return undefined;
  if (Buffer.byteLength(secret) > LONGEST_PASSWORD)
    throw new AppError(
      'USAGE',
      `The ${use} is longer than ${LONGEST_PASSWORD} bytes, of which BCrypt takes no more.`,
      {
        notChanged: 'Nothing was stored.',
        remedy: `Choose a shorter ${use}.`,
      },
    );
  const salt = createHmac('sha256', key).update(`${use}\n${secret}`).digest().subarray(0, 16);
  return await bcrypt.hash(secret, `$2b$${BCRYPT_COST}$${bcrypt.encodeBase64(salt, 16)}`);
}

function factsOf(
  snapshot: SnapshotManifest,
  sections: readonly Section[],
  { keepDomains, secrets, findings }: { keepDomains: boolean; secrets: NewSecrets; findings: CopyFindings },
): CaptureFacts {
  const { realm, channel, dialect, serverVersion, window, inconsistent } = snapshot;
  const environment = snapshot.archived?.environment ?? snapshot.environment;
  return {
    realm,
    channel,
    dialect,
    ...(serverVersion !== undefined && { serverVersion }),
    sections,
    knows: Object.fromEntries(sections.map((section) => [section, knownOf(snapshot, section, secrets)])),
    missing: missingOf(snapshot, secrets),
    ...(window && { window }),
    ...(inconsistent !== undefined && {
      inconsistent: `Snapshot ${snapshot.id}, of which it is a copy, is not consistent.`,
    }),
    pseudonymized: {
      snapshot: snapshot.id,
      ...(environment !== undefined && { environment }),
      keepDomains,
      passwords: secrets.passwordHash === undefined ? 'removed' : 'replaced',
      clientSecrets: secrets.clientSecretHash === undefined ? 'removed' : 'replaced',
    },
    // Not those of the original: they may name people.
    warnings: findings.warnings(),
  };
}

/** Of a secret that was taken out, its absence says nothing any more; nor of members that are left out. */
function knownOf({ knows }: SnapshotManifest, section: Section, { clientSecretHash }: NewSecrets): string[] {
  const known = knows[section] ?? [];
  return section === 'clients' && clientSecretHash === undefined
    ? known.filter((member) => member !== 'secretHash' && member !== 'clientSecret')
    : [...known];
}

function missingOf(snapshot: SnapshotManifest, { passwordHash, clientSecretHash }: NewSecrets): Missing[] {
  const { missing, summaries } = snapshot;
  const reason = 'Left out: the snapshot is pseudonymised, and none was given in its place.';
  const isSaid = (section: Section, member?: string) =>
    missing.some((one) => one.section === section && one.member === member);
  return [
    ...missing,
    ...(summaries.credentials && passwordHash === undefined
      ? [{ section: 'credentials' as const, reason }]
      : []),
    ...(summaries.clients && clientSecretHash === undefined && !isSaid('clients', 'secretHash')
      ? [{ section: 'clients' as const, member: 'secretHash', reason }]
      : []),
  ];
}
