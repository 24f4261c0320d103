/** @file The Express application: which path is answered by what. */
import type { Socket } from 'node:net';
import express, { type Express, type RequestHandler } from 'express';
import { nearest } from '../../models/index.js';
import type { Scope } from '../access/index.js';
import { modelInfo } from '../desk/index.js';
import { type InfoResponse, type ModelsResponse, ServiceError, shown } from '../protocol/index.js';
import { cors } from './intake/cors.js';
import {
  answerErrors,
  beginExchange,
  type ExchangeDeps,
  type ExchangeHandler,
  type ExchangeResponse,
  sendJson,
} from './intake/exchange.js';
import { guard } from './intake/guard.js';
import { open } from './intake/open-route.js';
import { requestTime } from './intake/request-time.js';
import { type AdminDeps, adminOperations, mountAdmin } from './routes/admin-routes.js';
import { type ClassifyDeps, classifyRoute } from './routes/classify-route.js';
import { type DialectDeps, mountDialects, speakDialects } from './routes/dialect-routes.js';
import { jobOperationList } from './routes/job-operations.js';
import { type JobRouteDeps, mountJobs } from './routes/job-routes.js';
import { openApi } from './routes/openapi.js';
import { ownOperations } from './routes/own-operations.js';
import { mountReview, type ReviewRouteDeps, reviewOperationList } from './routes/review-routes.js';
import { filesRoute, type ServedFiles } from './routes/served-files.js';

export type AppDeps = ClassifyDeps &
  DialectDeps &
  AdminDeps &
  ReviewRouteDeps &
  JobRouteDeps &
  ExchangeDeps & {
    readonly files: { readonly page: ServedFiles; readonly bundles: () => ServedFiles };
    readonly info: () => InfoResponse;
    readonly ready: () => boolean;
    /** Workers that are loaded at this moment. */
    readonly workers: () => number;
    /** Whether a connection is one more than there may be. */
    readonly tooMany: (socket: Socket) => boolean;
    /** Origins that may ask from a browser. */
    readonly cors: readonly string[];
    /** Whether metrics can be read without a key. */
    readonly publicMetrics: boolean;
    /** Proxies whose X-Forwarded-For is believed. */
    readonly trustProxy: readonly string[];
  };

const paths = ['/', '/classify', '/models', '/info', '/health/live', '/health/ready', '/metrics', '/openapi.json', '/docs'];

export function createApp(deps: AppDeps): Express {
  const { access, desk, metrics, ready, draining, files, workers } = deps;
  const may = (name: string, scope: Scope) => guard(access, { name, scope });
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false).enable('case sensitive routing');
  app.set('trust proxy', deps.trustProxy.length > 0 ? [...deps.trustProxy] : false);
  app.use(beginExchange(deps) as RequestHandler, speakDialects, refuseSurplus(deps.tooMany), cors(deps.cors));
  if (deps.jobs) app.use(requestTime(deps.limits.requestMs, (path) => path === '/jobs'));

  app.route('/classify').post(may('classify', 'classify'), classifyRoute(deps)).all(onlyMethods('classify', 'POST'));
  mountDialects(app, deps, onlyMethods);
  mountAdmin(app, deps, onlyMethods);
  mountJobs(app, deps, onlyMethods);
  mountReview(app, deps, onlyMethods, files.page.has('/review'));

  const models = (client: string | undefined): ModelsResponse => ({
    models: desk.catalogue.models.map((model) => ({
      ...modelInfo(model, desk.catalogue.fallback),
      policy: desk.thresholds(model, client),
    })),
  });
  get('/models', may('models', 'classify'), (response) => sendJson(response, 200, models(response.locals.client?.id)));
  get('/info', may('info', 'classify'), (response) => sendJson(response, 200, deps.info()));
  const describe = () =>
    openApi({
      version: deps.version,
      keyed: access.keyed,
      own: [
        ...ownOperations,
        ...(access.keyed ? adminOperations : []),
        ...(deps.review ? reviewOperationList : []),
        ...(deps.jobs ? jobOperationList : []),
      ],
    });
  let description: object | undefined; // made when somebody asks: nobody's first verdict waits for it
  get('/openapi.json', open('openapi'), (response) => {
    description ??= describe();
    sendJson(response, 200, description);
  });
  get('/health/live', open('live'), (response) => sendJson(response, 200, { live: true }));
  get('/health/ready', open('ready'), (response) => {
    const able = ready() && workers() > 0 && !draining();
    const review = deps.review && { review: deps.review.store.up() ? 'up' : 'down' };
    sendJson(response, able ? 200 : 503, { ready: able, ...(draining() ? { draining: true } : {}), ...review });
  });
  get('/metrics', deps.publicMetrics || !access.keyed ? open('metrics') : may('metrics', 'metrics'), async (response) => {
    response.setHeader('content-type', metrics.registry.contentType);
    response.end(await metrics.registry.metrics());
  });
  app
    .route(/^\/bundles\/.+/)
    .get(may('bundles', 'classify'), filesRoute(files.bundles))
    .all(onlyMethods('bundles', 'GET', 'HEAD'));
  for (const path of [...files.page.keys()].filter((one) => one !== '/review' || deps.review))
    app
      .route(path)
      .get(
        open('page'),
        filesRoute(() => files.page),
      )
      .all(onlyMethods('page', 'GET', 'HEAD'));
  if (!files.page.has('/')) get('/', open('page'), (response) => sendJson(response, 200, { service: 'copydesk', paths }));

  app.use((request) => {
    const meant = nearest(request.path, paths);
    const fix = meant ? `did you mean ${meant}?` : `paths are ${paths.join(', ')}`;
    throw new ServiceError('unknown-route', `there is nothing at ${shown(request.path, 'that path')}`, fix);
  });
  app.use(answerErrors(deps));
  return app;

  function get(path: string, first: ExchangeHandler, answer: (response: ExchangeResponse) => void | Promise<void>): void {
    app
      .route(path)
      .get(first, (_request, response: ExchangeResponse) => answer(response))
      .all(onlyMethods(path.slice(path.lastIndexOf('/') + 1) || 'page', 'GET', 'HEAD'));
  }
}

/** Connections beyond what is allowed: a probe is answered, all else is told. */
function refuseSurplus(tooMany: AppDeps['tooMany']): RequestHandler {
  return ({ socket, path }, response, next) => {
    if (!tooMany(socket)) return next();
    response.setHeader('connection', 'close');
    if (path.startsWith('/health/')) return next();
    const fix = 'close connections that are not used, or try again later';
    throw new ServiceError('too-many-connections', 'the server has as many connections as it may', fix, { 'retry-after': '1' });
  };
}

function onlyMethods(route: string, ...methods: readonly string[]) {
  return (request: express.Request, response: ExchangeResponse): void => {
    response.locals.route = route;
    const allow = methods.join(', ');
    throw new ServiceError('method-not-allowed', `${request.method} is not answered here`, `use ${allow}`, { allow });
  };
}
