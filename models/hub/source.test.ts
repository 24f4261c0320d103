import { expect, test } from 'vitest';
import { parseSource } from './source.js';

test.each([
  ['owner/name', { repository: 'owner/name', revision: 'main' }],
  ['hf:name@v1.2', { repository: 'name', revision: 'v1.2' }],
  ['owner/name@refs/pr/3', { repository: 'owner/name', revision: 'refs/pr/3' }],
  ['https://hub.example/owner/name/', { repository: 'owner/name', revision: 'main' }],
  ['https://hub.example/owner/name/tree/abc?x=1', { repository: 'owner/name', revision: 'abc' }],
])('%s is a repository', (text, expected) => {
  expect(parseSource(text, 'https://hub.example')).toEqual({ kind: 'hub', ...expected });
});

test.each([
  ['../bundles/tiny', /a repository of the hub is named, not a folder/],
  ['a/b/c', /is no repository/],
  ['a/..', /is no repository/],
  ['a/b@../c', /is no revision/],
  ['https://me:secret@host/tiny/', /^"host\/tiny\/" has a name and password in it/],
  ['https://host/tiny/?key=1', /has something behind the path/],
  ['', /is no repository/],
])('%s is refused', (text, message) => {
  expect(() => parseSource(text, 'https://hub.example')).toThrow(message);
});
