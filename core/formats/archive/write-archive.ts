import { AppError } from '../../../contract/errors.ts';
import { encrypted } from './age.ts';
import type { ArchiveManifest, Expected } from './archive-manifest.ts';
import { MANIFEST_PATH } from './archive-manifest.ts';
import { END_OF_TAR, paddingOf, tarHeader } from './tar.ts';
import { compressed } from './zstd.ts';
import type { Encrypter } from 'age-encryption';

/**
 * The bytes of an archive: tar, compressed, and encrypted unless there is nobody to encrypt it for.
 *
 * @param files as `expectedFiles` tells them; `read` gives the bytes of each
 */
export function writeArchive(
  manifest: ArchiveManifest,
  files: readonly Expected[],
  read: (file: Expected) => AsyncIterable<Buffer>,
  encrypter: Encrypter | undefined,
): AsyncIterable<Uint8Array> {
  const packed = compressed(tar(manifest, files, read));
  return encrypter ? encrypted(packed, encrypter) : packed;
}

async function* tar(
  manifest: ArchiveManifest,
  files: readonly Expected[],
  read: (file: Expected) => AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const modified = Math.floor(Date.parse(manifest.createdAt) / 1000);
  const text = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
  yield tarHeader(MANIFEST_PATH, text.length, modified);
  yield text;
  yield paddingOf(text.length);
  for (const file of files) {
    yield tarHeader(file.path, file.bytes, modified);
    let bytes = 0;
    for await (const part of read(file)) {
      bytes += part.length;
      yield part;
    }
    if (bytes !== file.bytes)
      throw new AppError(
        'INTERNAL',
        `“${file.path}” was ${bytes} bytes when written, ${file.bytes} when counted.`,
      );
    yield paddingOf(file.bytes);
  }
  yield END_OF_TAR;
}

/** For whoever finds an archive in ten years and has no Drawbridge. */
export const README = `This is an archive of realms of OpenGate IAM, written by Drawbridge.

manifest.json says which snapshots are in it: what each is a picture of, when it was taken, what it contains
and what it does not, and the size and SHA-256 of every file.

snapshots/<id>/<section>.ndjson holds the records of one section, one JSON object on each line, in the order
of the bytes of their keys. Roles and groups are referred to by name or path, users by name. "id" is the
number that a record has in the databases.

It may hold personal data, password hashes (BCrypt), hashes of client secrets, and the settings of a mail
server with its password: keep it as you keep those.

To check the files by hand: sha256sum snapshots/*/*.ndjson, and compare with manifest.json.
To use them: drawbridge snapshot import <archive>.
`;
