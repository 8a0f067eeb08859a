import type { AppError } from '../../contract/errors.ts';
import { canonicalRecord } from '../model/canonical.ts';
import { MEMBERS } from '../model/members.ts';
import type { CanonicalRecord, JsonObject, JsonValue, SectionBatch } from '../model/record.ts';
import { countRedactions } from '../model/secret.ts';
import type { Section } from '../model/sections.ts';
import {
  documentTooLarge,
  invalidDocument,
  quotedNames,
  refusedDocument,
  type Position,
} from './document-errors.ts';
import { FactCollector, SeenMembers, type DocumentFacts } from './document-facts.ts';
import {
  isListSection,
  looksLikeRealm,
  OTHER_SECTIONS,
  ROLE_MAPPINGS,
  SECTION_NAMES,
  sectionOfElement,
  type ListSection,
} from './document-layout.ts';
import type { DocumentOptions, Limits } from './document-options.ts';
import { OPEN_LIST, OPEN_OBJECT, SMALL_N } from './json-bytes.ts';
import { locate } from './json-diagnosis.ts';
import { JsonScanner, type MemberReading, type ScanSink } from './json-scanner.ts';
import { realmFromDocument, realmMisfit } from './realm-mapping.ts';
import { checkRecord, kindOfValue, type Misfit } from './record-check.ts';
import { advance } from './text-position.ts';
import type { ScannedValue } from './value-capture.ts';
import { ValueParser } from './value-parser.ts';

const BATCH_RECORDS = 500;

/** A member of the document's root that no section is made of. */
interface OtherMember {
  readonly value: JsonValue;
  readonly position: Position;
}

/** Turns the values of one document into records of the model: decides what each value is, checks and maps it. */
export class DocumentAssembler implements ScanSink {
  readonly #options: DocumentOptions;
  readonly #limits: Limits;
  readonly #scanner: JsonScanner;
  readonly #parser: ValueParser;
  readonly #facts: FactCollector;
  readonly #others = new Map<string, OtherMember>();
  #otherBytes = 0;
  #realm: JsonObject | undefined;
  #rootSection: ListSection | undefined;
  #ready: SectionBatch[] = [];
  #section: Section = 'realm';
  #records: CanonicalRecord[] = [];

  constructor(options: DocumentOptions, limits: Limits) {
    this.#options = options;
    this.#limits = limits;
    this.#scanner = new JsonScanner(this, options, {
      element: {
        bytes: limits.recordBytes,
        sentence: `one record is larger than ${inMebibytes(limits.recordBytes)}`,
      },
      depth: limits.depth,
    });
    this.#parser = new ValueParser(options);
    this.#facts = new FactCollector(options.origin);
  }

  /** @throws AppError INVALID_DOCUMENT, DOCUMENT_TOO_LARGE */
  push(chunk: Buffer): void {
    this.#parser.enter(chunk);
    this.#scanner.push(chunk);
  }

  /** The batches that are full; after `finish` all. */
  takeBatches(): SectionBatch[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  /** @throws AppError INVALID_DOCUMENT when the document is not complete, or is none of OpenGate's */
  finish(): DocumentFacts {
    this.#scanner.finish();
    if (this.#scanner.rootIsList) this.#finishList();
    else this.#finishObject();
    this.#flush();
    const { variables } = this.#options;
    variables?.requireAll(this.#options);
    const facts = this.#facts.facts(this.#scanner.bytes);
    return variables ? { ...facts, warnings: [...facts.warnings, ...variables.warnings()] } : facts;
  }

  // What the scanner tells

  member(name: string, first: number): MemberReading {
    if (name === 'realm') {
      if (first !== OPEN_OBJECT && first !== SMALL_N) return { as: 'refused', expected: 'an object' };
      const bytes = this.#limits.recordBytes;
      return { as: 'whole', bytes, sentence: `the realm is larger than ${inMebibytes(bytes)}` };
    }
    if (isListSection(name) && first !== SMALL_N) {
      if (first !== OPEN_LIST) return { as: 'refused', expected: 'a list' };
      this.#facts.section(name);
      return { as: 'elements' };
    }
    if (name === ROLE_MAPPINGS && first === OPEN_LIST) {
      this.#facts.roleMappings(0);
      return { as: 'elements' };
    }
    // Names count as well, or a document of nothing but names would not be bounded.
    this.#otherBytes += name.length;
    const limit = this.#limits.otherBytes;
    return {
      as: 'whole',
      bytes: Math.max(limit - this.#otherBytes, 0),
      sentence: `what is in the document beside ${SECTION_NAMES} is larger than ${inMebibytes(limit)}`,
    };
  }

  value(name: string, found: ScannedValue): void {
    const isOurs = name === 'realm' || isListSection(name);
    // A member of the root may turn out to be one of the realm.
    const value = isOurs
      ? this.#expanded(this.#parser.parse(this.#scanner, found), found, 'realm')
      : this.#expandedMember(name, this.#parser.parse(this.#scanner, found), found);
    // A section that is null was not exported: unknown, not empty.
    if (isOurs && value === null) return;
    if (isOurs) {
      this.#facts.section('realm');
      this.#realm = this.#checkedRealm(value as JsonObject, (misfit) => this.#misfit(found, misfit));
      return;
    }
    this.#otherBytes += found.end - found.begin;
    this.#others.set(name, { value, position: this.#scanner.valuePosition });
  }

  element(list: string | undefined, found: ScannedValue): void {
    const value = this.#parser.parse(this.#scanner, found);
    if (typeof value !== 'object' || kindOfValue(value) !== 'an object')
      throw this.#misfit(found, { path: [], expected: 'an object', found: kindOfValue(value) });
    if (list === ROLE_MAPPINGS) return this.#facts.roleMappings(1);
    const section = list === undefined ? this.#sectionOfRoot(value as JsonObject) : (list as ListSection);
    const body = this.#expanded(value, found, section) as JsonObject;
    const misfit = checkRecord(section, body, this.#facts.seen(section));
    if (misfit !== undefined) throw this.#misfit(found, misfit);
    this.#add(section, body);
  }

  // Variables

  #expandedMember(name: string, value: JsonValue, found: ScannedValue): JsonValue {
    const body = this.#expanded({ [name]: value }, found, 'realm', 1) as JsonObject;
    return body[name]!;
  }

  /** @param above how many steps of a misfit's path the scanner's own path has already */
  #expanded(value: JsonValue, found: ScannedValue, section: Section, above = 0): JsonValue {
    const { variables } = this.#options;
    if (variables === undefined) return value;
    const limit = this.#limits.recordBytes;
    const path = this.#scanner.path.slice(0, this.#scanner.path.length - above);
    const expansion = variables.expand(value, section, path, limit);
    if ('value' in expansion) return expansion.value;
    if ('misfit' in expansion)
      throw this.#misfit(found, { ...expansion.misfit, path: expansion.misfit.path.slice(above) });
    throw documentTooLarge(this.#options, {
      position: this.#scanner.valuePosition,
      path: this.#scanner.path,
      what: `with its variables, one record is larger than ${inMebibytes(limit)}`,
      limit,
    });
  }

  // Records

  #add(section: Section, body: JsonObject): void {
    if (section !== this.#section || this.#records.length >= BATCH_RECORDS) this.#flush();
    this.#section = section;
    if (this.#options.origin === 'server') dropEmpty(section, body);
    const record = canonicalRecord(section, body);
    this.#records.push(record);
    this.#facts.record(section, this.#facts.seen(section).mayHoldSecrets ? countRedactions(record.line) : 0);
  }

  #flush(): void {
    if (this.#records.length > 0) this.#ready.push({ section: this.#section, records: this.#records });
    this.#records = [];
  }

  #checkedRealm(body: JsonObject, refuse: (misfit: Misfit) => AppError): JsonObject {
    const misfit = checkRecord('realm', body, new SeenMembers()) ?? realmMisfit(body);
    if (misfit !== undefined) throw refuse(misfit);
    const realm = realmFromDocument(body);
    // Noted under our names: the document's “id” is not ours.
    checkRecord('realm', realm, this.#facts.seen('realm'));
    this.#facts.realm(realm['name'] as string);
    return realm;
  }

  // The end

  #finishList(): void {
    if (this.#rootSection !== undefined) return;
    if (this.#options.expect === undefined)
      throw this.#refused(
        'an empty list does not tell what it is a list of.',
        'Write it as {"users": []}, {"roles": []} or {"clients": []}.',
      );
    this.#facts.section(this.#options.expect);
  }

  #finishObject(): void {
    const others: [string, JsonValue][] = [...this.#others].map(([name, { value }]) => [name, value]);
    if (!this.#facts.hasSections()) {
      const body = Object.fromEntries(others);
      if (!looksLikeRealm(body)) throw this.#noSections();
      this.#facts.section('realm');
      this.#realm = this.#checkedRealm(body, (misfit) => this.#misfitInRoot(misfit));
    } else if (this.#realm === undefined) {
      this.#facts.dropped([...this.#others.keys()]);
    } else if (others.length > 0) {
      this.#realm[OTHER_SECTIONS] = Object.fromEntries(others);
      this.#facts.seen('realm').unknown(OTHER_SECTIONS);
    }
    if (this.#realm !== undefined) this.#add('realm', this.#realm);
  }

  #sectionOfRoot(element: JsonObject): ListSection {
    if (this.#rootSection !== undefined) return this.#rootSection;
    const section = sectionOfElement(element) ?? this.#options.expect;
    if (section === undefined)
      throw this.#refused(
        looksLikeRealm(element)
          ? 'this is a list of realms; a document holds one realm.'
          : 'the members of the first element do not tell what this is a list of.',
        'Write it as {"users": […]}, {"roles": […]} or {"clients": […]}, or export one realm.',
      );
    this.#facts.section(section);
    return (this.#rootSection = section);
  }

  // What is wrong

  #misfit(found: ScannedValue, misfit: Misfit): AppError {
    const bytes = found.buffer.subarray(found.begin, found.end);
    return invalidDocument(this.#options, {
      ...misfit,
      path: [...this.#scanner.path, ...misfit.path],
      position: advance(this.#scanner.valuePosition, bytes, locate(bytes, misfit.path)),
    });
  }

  /** For a realm whose members are those of the root; each was parsed long before it was clear what they are. */
  #misfitInRoot(misfit: Misfit): AppError {
    const position = this.#others.get(String(misfit.path[0]))?.position ?? START;
    return invalidDocument(this.#options, { ...misfit, position });
  }

  #noSections(): AppError {
    const names = [...this.#others.keys()];
    const found = names.length === 0 ? 'it is empty' : `it has ${quotedNames(names)}`;
    return this.#refused(
      `this is no OpenGate export: expected ${SECTION_NAMES}, but ${found}.`,
      'Export a realm, its users, roles or clients, and give that file.',
    );
  }

  #refused(sentence: string, remedy: string): AppError {
    return refusedDocument(this.#options, START, sentence, remedy);
  }
}

const START: Position = { line: 1, column: 1, offset: 0 };

/** A server writes null for a member that is empty; absent says the same where the source tells everything. */
function dropEmpty(section: Section, body: JsonObject): void {
  for (const { name } of MEMBERS[section]) if (body[name] === null) delete body[name];
}

function inMebibytes(bytes: number): string {
  return bytes >= 1024 ** 2 ? `${bytes / 1024 ** 2} MiB` : `${bytes} bytes`;
}
