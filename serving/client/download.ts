/** @file Files of a bundle, fetched and compared with what its manifest says of them. */
import { type Manifest, parseManifest } from '../../models/index.js';
import { keyHeaders } from './held-key.js';

/** Where a bundle's files are (ends in a slash), and the key of the server, if it asks for one. */
export type Place = { readonly files: string; readonly key: string };

export async function downloadManifest(from: Place): Promise<Manifest> {
  const response = await get(from, 'copydesk.json');
  return parseManifest(await response.text(), from.files);
}

/**
 * @param onReceived told how many bytes have come so far
 * @throws Error when the bytes are not those that the manifest lists
 */
export async function downloadFile(
  from: Place,
  manifest: Manifest,
  path: string,
  onReceived: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!isSecureContext)
    throw new Error('This browser checks files only over HTTPS or on localhost. Open the page there, or let the server read.');
  const listed = manifest.files.find((file) => file.path === path);
  if (!listed) throw new Error(`The bundle does not list ${path}.`);
  const response = await get(from, path);
  const bytes = new Uint8Array(listed.bytes);
  let received = 0;
  const reader = response.body!.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    if (received + chunk.value.length > bytes.length) throw damaged(path);
    bytes.set(chunk.value, received);
    received += chunk.value.length;
    onReceived(received);
  }
  if (received !== listed.bytes || (await sha256(bytes)) !== listed.sha256) throw damaged(path);
  return bytes;
}

async function get({ files, key }: Place, path: string): Promise<Response> {
  const response = await fetch(files + path, { headers: keyHeaders(key) });
  if (!response.ok || !response.body) throw new Error(`The server answered ${response.status} for ${files}${path}.`);
  return response;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const damaged = (path: string): Error =>
  new Error(`${path} arrived damaged: it is not the file that the manifest describes. Reload the page.`);
