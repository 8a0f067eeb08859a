import type { AppError } from '../../contract/errors.ts';
import { isArchive } from './archive/archive-beginning.ts';
import { refusedDocument, shortened, type DocumentName } from './document-errors.ts';

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
  const first = head.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  if (first === 0x3c) {
    const title = titleOf(head);
    return refused(
      `it is a web page${title && ` with the title “${title}”`} or other markup; expected JSON.`,
      document.origin === 'server'
        ? 'Check the address of the Admin API: something else (a login page, a proxy) answered.'
        : 'Export again and look at the answer: a login page or an error page was saved instead of the export.',
    );
  }
  return undefined;
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
