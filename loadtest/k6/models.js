/** @file Models by their names, and their coming and going by request. */
import { check, sleep } from 'k6';
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';
import { baseUrl, headers } from './settings.js';

const reloads = new Counter('reloads');
const reloadMs = new Trend('reload_ms', true);

/** `name@version` of every model that takes single texts. */
export function servedModels() {
  const { models } = json(http.get(`${baseUrl}/models`, { headers }));
  return models.filter(({ input }) => input !== 'pair').map(({ name, version }) => `${name}@${version}`);
}

/** Two versions of one name, which take turns: the one that is served is first. */
export function twoVersions() {
  const models = known();
  const served = models.find((model) => model.default) ?? models[0];
  const name = served.key.split('@')[0];
  const other = models.find(({ key, state }) => key !== served.key && key.startsWith(`${name}@`) && state !== 'refused');
  if (!other) throw new Error(`There is one version of ${name} in the folders of the server. Fix: put another one beside it.`);
  return [served.key, other.key];
}

/** Loads the version that is not served, lets the other go, and waits until `everySeconds` are over since it began. */
export function reload(versions, everySeconds) {
  const served = known().filter(({ state }) => state === 'serving').map(({ key }) => key); // biome-ignore format: short
  const next = served.includes(versions[0]) ? versions[1] : versions[0];
  const began = Date.now();
  const loaded = change('load', next);
  const unloaded = served.includes(next) || change('unload', next === versions[0] ? versions[1] : versions[0]);
  if (loaded && unloaded) reloads.add(1);
  const ms = Date.now() - began;
  reloadMs.add(ms);
  sleep(Math.max(0.1, everySeconds - ms / 1000));
}

const known = () => json(http.get(`${baseUrl}/admin/models`, { headers })).models;

function change(what, model) {
  const response = http.post(`${baseUrl}/admin/models/${what}`, JSON.stringify({ model }), { headers, timeout: '120s' });
  const done = check(response, { 'a model is loaded and another let go': ({ status }) => status === 200 });
  if (!done) console.error(`${what} ${model}: ${response.status} ${response.body}`);
  return done;
}

function json(response) {
  if (response.status === 200) return response.json();
  throw new Error(
    `${response.request.url}: ${response.status} ${response.body}. Fix: KEY is to be a key of scope admin (reload, soak) or classify.`,
  );
}
