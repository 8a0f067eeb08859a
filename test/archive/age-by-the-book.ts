import { createDecipheriv, createHmac, hkdfSync, scryptSync, timingSafeEqual } from 'node:crypto';

/**
 * Decrypts an age file that was made with a passphrase, after the specification (age-encryption.org/v1) and with nothing
 * but Node's own cryptography: so that what Drawbridge writes is not only read by the library that wrote it.
 */
export function ageDecrypt(file: Buffer, passphrase: string): Buffer {
  const macAt = file.indexOf('\n---') + 1;
  const [version, stanza = '', body = ''] = file.toString('latin1', 0, macAt).split('\n');
  const [arrow, kind, salt = '', workFactor] = stanza.split(' ');
  if (version !== 'age-encryption.org/v1' || arrow !== '->' || kind !== 'scrypt')
    throw new Error('not as expected');
  const saltBytes = Buffer.concat([Buffer.from('age-encryption.org/v1/scrypt'), Buffer.from(salt, 'base64')]);
  const cost = { N: 2 ** Number(workFactor), r: 8, p: 1, maxmem: 2 ** 29 };
  const fileKey = open(
    scryptSync(passphrase, saltBytes, 32, cost),
    Buffer.alloc(12),
    Buffer.from(body, 'base64'),
  );

  const macEnd = file.indexOf('\n', macAt);
  const mac = Buffer.from(file.toString('latin1', macAt + 4, macEnd), 'base64');
  const macKey = Buffer.from(hkdfSync('sha256', fileKey, '', 'header', 32));
  const header = file.subarray(0, macAt + 3);
  if (!timingSafeEqual(mac, createHmac('sha256', macKey).update(header).digest()))
    throw new Error('another header');

  const nonce = file.subarray(macEnd + 1, macEnd + 17);
  const key = Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
  const sealed = file.subarray(macEnd + 17);
  const parts: Buffer[] = [];
  for (let at = 0, count = 0; at < sealed.length; at += PART, count++) {
    const counter = Buffer.alloc(12);
    counter.writeUInt32BE(count, 7);
    counter[11] = at + PART >= sealed.length ? 1 : 0;
    parts.push(open(key, counter, sealed.subarray(at, at + PART)));
  }
  return Buffer.concat(parts);
}

const TAG = 16;
const PART = 64 * 1024 + TAG;

function open(key: Buffer, nonce: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG });
  decipher.setAuthTag(sealed.subarray(-TAG));
  return Buffer.concat([decipher.update(sealed.subarray(0, -TAG)), decipher.final()]);
}
