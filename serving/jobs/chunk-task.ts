/** @file What travels through the queue between the server that has the jobs and the workers that have the models. */
import { z } from 'zod';
import type { Manifest, TextInput } from '../../models/index.js';
import { fingerprint } from './fingerprint.js';

/** The texts of a chunk, and nothing that would say whose they are. */
export type ChunkTask = { readonly texts: readonly TextInput[] };

const taskSchema = z.object({ texts: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])) });
const rowSchema = z.object({ logits: z.array(z.number()), truncated: z.boolean() });
/** `null` for a text on which the model fails. */
const answerSchema = z.object({ rows: z.array(rowSchema.nullable()) });

export type ChunkAnswer = z.infer<typeof answerSchema>;

export const parseTask = (data: unknown): ChunkTask => taskSchema.parse(data);
export const parseAnswer = (value: unknown): ChunkAnswer => answerSchema.parse(value);

/** A queue for each model, down to its bytes: no worker gets texts for one that it does not have. */
export const queueName = (manifest: Manifest): string => `copydesk-${manifest.name}-${fingerprint(manifest)}`;
