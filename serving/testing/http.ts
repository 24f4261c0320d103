/** @file What tests say over HTTP. */
import { connect } from 'node:net';

export type Reply = { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> };

/** Posts to `/classify`; a string is sent as it is. */
export async function classify(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  const response = await fetch(`${url}/classify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
}

/** Sends bytes over a bare connection and returns all that comes back until the server closes it. */
export function speak(url: string, bytes: string | Uint8Array): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(received)).on('error', reject);
    socket.write(bytes);
  });
}
