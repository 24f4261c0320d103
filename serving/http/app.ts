/** @file The Express application: which path is answered by what. */
import express, { type Express, type RequestHandler } from 'express';
import { nearest } from '../../models/index.js';
import { modelInfo } from '../desk/index.js';
import { type ModelsResponse, ServiceError } from '../protocol/index.js';
import { type ClassifyDeps, classifyRoute } from './classify-route.js';
import { answerErrors, beginExchange, type ExchangeDeps, type ExchangeResponse, sendJson } from './exchange.js';
import { filesRoute, type ServedFiles } from './served-files.js';

export type AppDeps = ClassifyDeps &
  ExchangeDeps & {
    readonly files: { readonly page: ServedFiles; readonly bundles: ServedFiles };
    readonly ready: () => boolean;
    /** Workers that are loaded at this moment. */
    readonly workers: () => number;
  };

const paths = ['/', '/classify', '/models', '/health/live', '/health/ready', '/metrics'];

export function createApp(deps: AppDeps): Express {
  const { desk, metrics, ready, draining, files, workers } = deps;
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false).enable('case sensitive routing');
  app.use(beginExchange(deps) as RequestHandler);

  app.route('/classify').post(classifyRoute(deps)).all(onlyMethods('classify', 'POST'));

  const models: ModelsResponse = { models: desk.catalogue.models.map((model) => modelInfo(model, desk.catalogue.fallback)) };
  get('/models', 'models', (response) => sendJson(response, 200, models));
  get('/health/live', 'live', (response) => sendJson(response, 200, { live: true }));
  get('/health/ready', 'ready', (response) => {
    const able = ready() && workers() > 0 && !draining();
    sendJson(response, able ? 200 : 503, { ready: able, ...(draining() ? { draining: true } : {}) });
  });
  get('/metrics', 'metrics', async (response) => {
    response.setHeader('content-type', metrics.registry.contentType);
    response.end(await metrics.registry.metrics());
  });
  app
    .route(/^\/bundles\/.+/)
    .get(filesRoute(files.bundles, 'bundles'))
    .all(onlyMethods('bundles', 'GET', 'HEAD'));
  for (const path of files.page.keys())
    app
      .route(path)
      .get(filesRoute(files.page, 'page'))
      .all(onlyMethods('page', 'GET', 'HEAD'));
  if (!files.page.has('/')) get('/', 'page', (response) => sendJson(response, 200, { service: 'copydesk', paths }));

  app.use((request) => {
    const meant = nearest(request.path, paths);
    const fix = meant ? `did you mean ${meant}?` : `paths are ${paths.join(', ')}`;
    throw new ServiceError('unknown-route', `there is nothing at ${request.path.slice(0, 200)}`, fix);
  });
  app.use(answerErrors(deps));
  return app;

  function get(path: string, route: string, answer: (response: ExchangeResponse) => void | Promise<void>): void {
    app
      .route(path)
      .get((_request, response: ExchangeResponse) => {
        response.locals.route = route;
        return answer(response);
      })
      .all(onlyMethods(route, 'GET', 'HEAD'));
  }
}

function onlyMethods(route: string, ...methods: readonly string[]) {
  return (request: express.Request, response: ExchangeResponse): void => {
    response.locals.route = route;
    const allow = methods.join(', ');
    throw new ServiceError('method-not-allowed', `${request.method} is not answered here`, `use ${allow}`, { allow });
  };
}
