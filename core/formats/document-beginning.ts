import type { AppError } from '../../contract/errors.ts';
import { isArchive } from './archive/archive-beginning.ts';
import { refusedDocument, shortened, type DocumentName } from './document-errors.ts';
import { isSpace } from './json-bytes.ts';

/** How many bytes `refuseForeignBeginning` wants to see, if there are as many. */
export const BEGINNING_BYTES = 16 * 1024;

const START = { line: 1, column: 1, offset: 0 };

/**
 * Recognises what is handed in by mistake: an empty file, another encoding, a web page, a compressed file. Told as
 * what it is, because "unexpected character" would send people looking in the wrong place.
 *
 * @param head the document's first bytes, as many as came with the first chunks; at least four unless there are fewer
 * @returns undefined when this may be JSON in UTF-8
 */
export function foreignBeginning(document: DocumentName, head: Buffer): AppError | undefined {
  const refused = (sentence: string, remedy: string) => refusedDocument(document, START, sentence, remedy);
  if (head.length === 0)
    return refused(
      'there is nothing in it: expected an OpenGate export, found the end of the document.',
      'Check that the export was written to the end, and to this place.',
    );
  if (startsWith(head, [0xef, 0xbb, 0xbf]))
    return refused(
      'it begins with a byte order mark (EF BB BF), which JSON does not allow.',
      'Save it as “UTF-8 without BOM”, or remove the mark: tail -c +4 document.json > clean.json',
    );
  const utf16 = utf16Of(head);
  if (utf16 !== undefined)
    return refused(
      `it is written in ${utf16}; expected UTF-8.`,
      `Save it as UTF-8 without BOM, for example: iconv -f ${utf16} -t UTF-8 document.json > clean.json`,
    );
  if (startsWith(head, [0x1f, 0x8b]))
    return refused('it is compressed (gzip); expected JSON.', 'Decompress it first: gunzip document.json.gz');
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04]))
    return refused('it is a ZIP file; expected JSON.', 'Unpack it first and give the JSON file inside.');
  if (isArchive(head))
    return refused(
      'it is an archive, or something else that is encrypted or packed (age, zstd, tar); expected JSON.',
      'If it is an archive of Drawbridge, import it (drawbridge snapshot import <file>), then name the snapshot. Else unpack it first.',
    );
  if (firstByte(head) === '<') {
    const title = titleOf(head);
    return refused(
      `it is a web page${title && ` with the title “${title}”`} or other markup; expected JSON.`,
      document.origin === 'server'
        ? 'Check the address of the Admin API: something else (a login page, a proxy) answered.'
        : 'Export again and look at the answer: a login page or an error page was saved instead of the export.',
    );
  }
  const packed = PACKED.find(({ bytes }) => startsWith(head, bytes));
  if (packed)
    return refused(
      `it is ${packed.what}; expected an OpenGate export (JSON).`,
      packed.remedy ?? 'Give the file that was exported: a JSON document, or an archive of Drawbridge.',
    );
  if (!isText(head))
    return refused(
      'it is no text: expected an OpenGate export (JSON), or an archive of Drawbridge.',
      document.origin === 'server'
        ? 'Check the address of the Admin API: something else answered.'
        : 'Choose the file that was exported. If this is it, it was damaged on its way: fetch or copy it again.',
    );
  return undefined;
}

const UNPACK = 'Unpack it first and give the JSON file inside.';
/** What gets among exports, by its first bytes. */
const PACKED: readonly {
  readonly bytes: readonly number[];
  readonly what: string;
  readonly remedy?: string;
}[] = [
  { bytes: [0x89, 0x50, 0x4e, 0x47], what: 'a picture (PNG)' },
  { bytes: [0xff, 0xd8, 0xff], what: 'a picture (JPEG)' },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: 'a PDF' },
  { bytes: [0x42, 0x5a, 0x68], what: 'a compressed file (bzip2)', remedy: UNPACK },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], what: 'a compressed file (xz)', remedy: UNPACK },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], what: 'a compressed file (7z)', remedy: UNPACK },
  {
    bytes: [...Buffer.from('SQLite format 3\0')],
    what: 'a database (SQLite), as a catalog of Drawbridge is one',
    remedy: 'A catalog is opened, not imported. Export its snapshots, or give another file.',
  },
];

/** So many bytes tell whether what does not begin as JSON does is a text. */
export const TELLING_BYTES = 32;

/** What begins as JSON does is diagnosed as such, wherever it goes wrong; so is any other text. */
function isText(head: Buffer): boolean {
  const first = firstByte(head);
  if (first === undefined || beginsJson(first)) return true;
  const seen = head.subarray(0, TELLING_BYTES);
  return !seen.some((byte) => byte < 0x20 && !isSpace(byte)) && isBegunUtf8(seen);
}

/** The first that is no white space, as a character of Latin-1; undefined: there is nothing else. */
export function firstByte(head: Buffer): string | undefined {
  const first = head.find((byte) => !isSpace(byte));
  return first === undefined ? undefined : String.fromCharCode(first);
}

export function beginsJson(first: string): boolean {
  return '[{"'.includes(first);
}

/** The last character may be cut through. */
function isBegunUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function startsWith(head: Buffer, bytes: readonly number[]): boolean {
  return bytes.every((byte, i) => head[i] === byte);
}

/** JSON begins with two ASCII characters at least, so a zero byte among the first two gives UTF-16 away without a BOM. */
function utf16Of(head: Buffer): string | undefined {
  if (startsWith(head, [0xff, 0xfe])) return 'UTF-16LE';
  if (startsWith(head, [0xfe, 0xff])) return 'UTF-16BE';
  if (head.length < 2 || (head[0] === 0) === (head[1] === 0)) return undefined;
  return head[1] === 0 ? 'UTF-16LE' : 'UTF-16BE';
}

function titleOf(head: Buffer): string {
  const title = /<title[^>]*>([^<]*)/i.exec(head.toString('utf8'))?.[1] ?? '';
  return shortened(title.replace(/[\s\p{C}]+/gu, ' ').trim(), 60);
}
