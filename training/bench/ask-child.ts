import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a script of this folder in a process of its own, as it is here: built or source. @returns what it sends */
export function askChild<T>(name: string, args: readonly string[]): Promise<T> {
  const script = fileURLToPath(new URL(`./${name}${import.meta.url.slice(-3)}`, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(script, [...args]);
    child.once('message', (message) => resolve(message as T));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${name} ${args.join(' ')} ended with code ${code} before it answered`)));
  });
}
