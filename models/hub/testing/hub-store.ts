/** @file What a hub holds: repositories with branches, commits and files, and the large contents beside them. */
import { createHash } from 'node:crypto';

/** A large file is held beside git, by its sha256; git has a pointer to it. */
export type Content = { readonly bytes: Buffer; readonly isLarge: boolean };
export type Commit = {
  readonly sha: string;
  readonly title: string;
  readonly parent: string | undefined;
  readonly tree: ReadonlyMap<string, Content>;
};
export type Repository = { readonly isPrivate: boolean; readonly branches: Map<string, string>; readonly commits: Map<string, Commit> };

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
export const gitId = (bytes: Buffer): string => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** The hub begins every repository with this file. */
const attributes = Buffer.from('*.onnx filter=lfs diff=lfs merge=lfs -text\n*.safetensors filter=lfs diff=lfs merge=lfs -text\n');

export function createRepository(isPrivate = false, files: Readonly<Record<string, Buffer | string>> = {}): Repository {
  const repository: Repository = { isPrivate, branches: new Map(), commits: new Map() };
  addCommit(repository, 'main', 'initial commit', (tree) => tree.set('.gitattributes', { bytes: attributes, isLarge: false }));
  if (Object.keys(files).length > 0) addCommit(repository, 'main', 'files', (tree) => putAll(tree, files));
  return repository;
}

export function putAll(tree: Map<string, Content>, files: Readonly<Record<string, Buffer | string>>): void {
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content as string);
    tree.set(path, { bytes, isLarge: isLarge(path, bytes.length) });
  }
}

/** By name, as .gitattributes says, and from 10 MB on whatever it is. */
export const isLarge = (path: string, bytes: number): boolean => /\.(onnx|safetensors)$/.test(path) || bytes >= 10_000_000;

export function addCommit(
  { branches, commits }: Repository,
  branch: string,
  title: string,
  edit: (tree: Map<string, Content>) => void,
): Commit {
  const parent = branches.get(branch);
  const tree = new Map(parent === undefined ? [] : commits.get(parent)!.tree);
  edit(tree);
  const key = JSON.stringify([title, parent, [...tree].map(([path, { bytes }]) => [path, sha256(bytes)])]);
  const commit = { sha: createHash('sha1').update(key).digest('hex'), title, parent, tree };
  commits.set(commit.sha, commit);
  branches.set(branch, commit.sha);
  return commit;
}

export const commitAt = ({ branches, commits }: Repository, revision: string): Commit | undefined =>
  commits.get(branches.get(revision) ?? revision);

/** Files and folders, as `/tree/REVISION?recursive` lists them. */
export function listing({ tree }: Commit): readonly Readonly<Record<string, unknown>>[] {
  const folders = new Set(
    [...tree.keys()].flatMap((path) =>
      path
        .split('/')
        .slice(0, -1)
        .map((_, i, parts) => parts.slice(0, i + 1).join('/')),
    ),
  );
  const files = [...tree].map(([path, { bytes, isLarge }]) => {
    if (!isLarge) return { type: 'file', oid: gitId(bytes), size: bytes.length, path };
    const pointer = Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(bytes)}\nsize ${bytes.length}\n`);
    const lfs = { oid: sha256(bytes), size: bytes.length, pointerSize: pointer.length };
    return { type: 'file', oid: gitId(pointer), size: bytes.length, lfs, path };
  });
  return [...[...folders].map((path) => ({ type: 'directory', oid: gitId(Buffer.from(path)), size: 0, path })), ...files];
}
