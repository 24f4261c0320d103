import { createHash } from 'node:crypto';

/** Of data that JSON can hold: the same for the same, on any machine. Of a bundle's manifest, which has the hash of every file: of the bundle. */
export const fingerprint = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
