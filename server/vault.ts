/** Secrets at rest: sealed with AES-256-GCM under a key file of mode 0600; keys of hops are derived from it. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Seals } from '../db/flows.ts';
import { ConfigError } from './config.ts';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface Vault extends Seals {
  /** A passphrase that only this installation can make: 64 hexadecimal characters, the same for the same `place`. */
  derive(place: string): string;
}

/** Reads `<folder>/secret.key`, or makes it at the first start. Throws when the file is not a key. */
export function openVault(folder: string): Vault {
  const key = readKey(join(folder, 'secret.key'));
  return {
    seal: (secret, place) => seal(key, secret, place),
    open: (sealed, place) => open(key, sealed, place),
    derive: (place) => createHmac('sha256', key).update(`hop\0${place}`).digest('hex'),
  };
}

function readKey(path: string): Buffer {
  const made = randomBytes(KEY_BYTES);
  try {
    writeFileSync(path, made.toString('base64'), { mode: 0o600, flag: 'wx' });
    return made;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const key = Buffer.from(readFileSync(path, 'utf8'), 'base64');
  if (key.length !== KEY_BYTES)
    throw new ConfigError(`${path} is not a key of ${KEY_BYTES} bytes in base64. Restore it from your backup.`);
  return key;
}

/** `v1.<iv>.<ciphertext>.<tag>`, each base64url. The place is authenticated, so a sealed value cannot be moved. */
function seal(key: Buffer, secret: string, place: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place));
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return ['v1', ...[iv, text, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.');
}

function open(key: Buffer, sealed: string, place: string): string {
  const [version, iv = '', text = '', tag = ''] = sealed.split('.');
  if (version !== 'v1') throw new Error(`The secret at ${place} was sealed in a way that this version does not know.`);
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(place)).setAuthTag(Buffer.from(tag, 'base64url'));
  try {
    return decipher.update(text, 'base64url', 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw new Error(`The secret at ${place} does not open with this secret.key. Restore the key from your backup.`, {
      cause,
    });
  }
}
