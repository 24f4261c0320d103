/** @file A key: `cd_<id>_<secret>`. The id is public and names the key; only a hash of the secret is ever stored. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export type ApiKey = { readonly id: string; readonly secret: string };

const form = /^cd_([0-9a-f]{12})_([\w-]{43})$/;

/** @returns a key of 256 random bits, with an id of 48 */
export function makeApiKey(): ApiKey {
  return { id: randomBytes(6).toString('hex'), secret: randomBytes(32).toString('base64url') };
}

export const writeApiKey = ({ id, secret }: ApiKey): string => `cd_${id}_${secret}`;

/** @returns `undefined` for what does not look like a key of ours */
export function readApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = form.exec(text) ?? [];
  return id && secret ? { id, secret } : undefined;
}

/**
 * SHA-256, in hex. Slow hashes with salt exist for passwords, which people choose and can be guessed; nobody guesses 256 random bits,
 * and a hash that took milliseconds would be paid for at every request.
 */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/**
 * Whether `given` is the secret with that hash. Takes as long where there is neither a secret nor a hash to compare.
 *
 * @param hash as `hashSecret` gave it
 */
export function secretMatches(given: string | undefined, hash: string | undefined): boolean {
  const same = timingSafeEqual(Buffer.from(hashSecret(given ?? ''), 'hex'), Buffer.from(hash ?? nobody, 'hex'));
  return same && given !== undefined && hash !== undefined;
}

/** The hash of a secret that was thrown away. */
const nobody = hashSecret(randomBytes(32).toString('base64url'));
