/** @file What a person types for a place that bundles come from or go to. */
import { UsageError } from '../errors.js';

export type HubSource = { readonly kind: 'hub'; readonly repository: string; readonly revision: string };
export type WebSource = { readonly kind: 'web'; readonly url: URL };
export type Source = HubSource | WebSource;

export const defaultRevision = 'main';

/**
 * `owner/name`, `hf:owner/name`, either with `@revision`; the address of a repository's page on the hub; or the address of a bundle's folder on
 * any web server.
 *
 * @param hubUrl address of the hub, without a slash at its end
 * @throws UsageError `usage/argument`
 */
export function parseSource(text: string, hubUrl: string): Source {
  if (/^https?:/i.test(text)) return onPage(text, hubUrl) ?? { kind: 'web', url: parseFolder(text) };
  const [name = '', revision = defaultRevision, ...more] = text.replace(/^hf:/, '').split('@');
  if (more.length > 0 || !isRevision(revision)) throw refused(text, 'is no revision', 'write owner/name@revision.');
  return { kind: 'hub', repository: parseRepository(name), revision };
}

/** @throws UsageError `usage/argument` */
export function parseRepository(text: string): string {
  const parts = text.replace(/^hf:/, '').split('/');
  if (parts.length > 2 || !parts.every(isName)) {
    const known = /^[./~]|\\/.test(text) || parts.length > 2 ? 'a repository of the hub is named, not a folder: ' : '';
    throw refused(text, 'is no repository', `${known}write owner/name, or an address that begins with https://.`);
  }
  return parts.join('/');
}

/** @throws UsageError `usage/argument` */
export function parseRevision(text: string): string {
  if (isRevision(text)) return text;
  throw refused(text, 'is no branch', 'use letters, digits, and . _ - / between them.');
}

const isName = (part: string): boolean => /^[a-z0-9][\w.-]{0,95}$/i.test(part) && !part.includes('..') && !part.endsWith('.git');
const isRevision = (text: string): boolean => /^[a-z0-9][\w./-]{0,199}$/i.test(text) && !/\.\.|\/\/|\/$/.test(text);

/** People paste what their browser shows: `https://hub/owner/name`, with or without `/tree/REVISION`. */
function onPage(text: string, hubUrl: string): HubSource | undefined {
  if (!text.startsWith(`${hubUrl}/`)) return undefined;
  const [owner = '', name = '', view, ...rest] = text
    .slice(hubUrl.length + 1)
    .replace(/[?#].*$|\/$/g, '')
    .split('/');
  const revision = rest.join('/') || defaultRevision;
  if (!isName(owner) || !isName(name) || !isRevision(revision) || ![undefined, 'tree'].includes(view)) return undefined;
  return { kind: 'hub', repository: `${owner}/${name}`, revision };
}

function parseFolder(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw refused(text, 'is no address', 'write https://host/path/NAME/VERSION/.');
  if (url.username || url.password)
    throw refused(`${url.host}${url.pathname}`, 'has a name and password in it', 'serve the folder without, or download it yourself.');
  if (url.search || url.hash) throw refused(text, 'has something behind the path', 'give the folder that holds copydesk.json, alone.');
  url.pathname = url.pathname.replace(/\/(copydesk\.json)?$/, '').concat('/');
  return url;
}

const refused = (given: string, what: string, fix: string): UsageError =>
  new UsageError('usage/argument', `${JSON.stringify(given)} ${what}`, fix);
