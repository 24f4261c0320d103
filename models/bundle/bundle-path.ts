/** @file Paths inside a bundle: relative, forward slashes, never out of the folder. */
import { UsageError } from '../errors.js';

/**
 * Returns `path` when it names a file below the bundle's folder on every system.
 *
 * @param where what names the path, for the message
 * @throws UsageError `bundle/path`
 */
export function checkBundlePath(path: string, where: string): string {
  const fault = faultOf(path);
  if (fault) {
    throw new UsageError(
      'bundle/path',
      `${where}: the path ${JSON.stringify(path)} ${fault}`,
      'do not use this bundle: get it again from its source, or export it again.',
    );
  }
  return path;
}

function faultOf(path: string): string | undefined {
  if (path.includes('\\')) return 'holds a backslash';
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'is absolute';
  if (path.includes('\0')) return 'holds a NUL';
  const segments = path.split('/');
  if (segments.includes('..')) return "leaves the bundle's folder";
  if (segments.some((segment) => segment === '' || segment === '.')) return 'is not in its plain form';
  return undefined;
}
