/** @file `copydesk/client`: asks a Copydesk server, from browsers and Node. */
export type { Answer, Classifier, ClassifyOptions, Item, ModelDescription, ProblemCode, Runs } from '../asking/index.js';
export { CopydeskError } from '../asking/index.js';
export { type Client, type ClientOptions, createClient } from './create-client.js';
