/** @file Jobs on the disk: a folder each, named by a random id. No part of a request becomes a path. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../models/bundle/node.js';
import { UsageError } from '../../models/index.js';
import { type JobRecord, jobRecordSchema } from './job.js';
import { partialOf, progressOf } from './output.js';

export type JobPaths = { readonly folder: string; readonly texts: string; readonly result: string; readonly errors: string };

export type JobFolder = {
  paths(id: string): JobPaths;
  /** What is whole; of what is not, such as a file that was still being received, nothing is left afterwards. */
  load(): Promise<readonly JobRecord[]>;
  save(record: JobRecord): Promise<void>;
  /** Texts, answers and what lies between. */
  eraseTexts(id: string): Promise<void>;
  /** The partial answers alone. */
  erasePartial(id: string): Promise<void>;
  erase(id: string): Promise<void>;
};

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** @throws UsageError `serving/start` for a folder that cannot be used */
export async function openJobFolder(folder: string): Promise<JobFolder> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError('serving/start', `serve: the folder for jobs cannot be made: ${folder} (${error.code})`, 'name another one.');
  });
  const paths = (id: string): JobPaths => {
    const own = join(folder, id);
    return { folder: own, texts: join(own, 'texts'), result: join(own, 'result'), errors: join(own, 'errors') };
  };
  const recordOf = (id: string): string => join(folder, id, 'job.json');
  const erase = (id: string): Promise<void> => rm(join(folder, id), { recursive: true, force: true });
  const erasePartial = async (id: string): Promise<void> => {
    const { result, errors } = paths(id);
    for (const path of [partialOf(result), partialOf(errors), progressOf(result)]) await rm(path, { force: true });
  };
  return {
    paths,
    erase,
    erasePartial,
    save: (record) => writeWhole(recordOf(record.id), JSON.stringify(record), 0o600),
    async load() {
      const records: JobRecord[] = [];
      for (const id of (await readdir(folder)).filter((name) => uuid.test(name))) {
        const record = await read(recordOf(id));
        if (record?.id === id) records.push(record);
        else await erase(id);
      }
      return records.sort((a, b) => (a.created < b.created ? -1 : 1));
    },
    async eraseTexts(id) {
      const { texts, result, errors } = paths(id);
      await erasePartial(id);
      for (const path of [texts, result, errors]) await rm(path, { force: true });
    },
  };
}

async function read(path: string): Promise<JobRecord | undefined> {
  try {
    return jobRecordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}
