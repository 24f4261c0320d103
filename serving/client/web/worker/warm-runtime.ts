/** @file The runtime is fetched and compiled while the model is still on its way: by a model of one operation. */
import type { Session } from '../../../../models/index.js';

/** y = −x of one number, as `toOnnx` writes it. */
const smallest = 'CAkSCGNvcHlkZXNrOjgKEgoBeBIBeRoFTmVnXzAiA05lZxIIY29weWRlc2taCwoBeBIGCgQIARIAYgsKAXkSBgoECAESAEICEBQ=';

export const smallestModel = (): Uint8Array => Uint8Array.from(atob(smallest), (character) => character.charCodeAt(0));

/** What goes wrong here goes wrong again with the model itself, and is told there. */
export async function warmRuntime(openSession: (model: Uint8Array) => Promise<Session>): Promise<void> {
  try {
    await (await openSession(smallestModel())).dispose();
  } catch {}
}
