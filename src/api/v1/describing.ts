import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { type RequestHandler, Router } from 'express';
import helmet from 'helmet';
import type { Endpoint } from './endpoint.ts';
import { openApiOf } from './openapi.ts';
import { isProblemKind, PROBLEM_TYPE, PROBLEMS, typeOf } from './problem.ts';

/** What /v1 says of itself, to anybody: the OpenAPI document, a page to try it, and what its problems mean. */
export function describing(endpoints: readonly Endpoint[]): Router {
  const router = Router();
  const document = JSON.stringify(openApiOf(endpoints));
  router.get('/openapi.json', (_request, response) => {
    response.type('json').send(document);
  });
  router.get('/problems/:kind', (request, response, next) => {
    const { kind } = request.params;
    if (!isProblemKind(kind)) return next();
    const { status, title, means } = PROBLEMS[kind];
    response.type(PROBLEM_TYPE).send(JSON.stringify({ type: typeOf(kind), title, status, detail: means }));
  });

  router.get('/docs', pagePolicy, (_request, response) => {
    response.type('html').send(PAGE);
  });
  router.get('/docs/start.js', (_request, response) => {
    response.type('js').send(START);
  });
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']) {
    router.get(`/docs/${file}`, (_request, response) => response.sendFile(file, { root: FILES, maxAge: '1 hour' }));
  }
  return router;
}

/** Swagger UI, from our own origin: it loads nothing from elsewhere, and asks nobody but this api (docs/decisions/0035). */
const FILES = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** It is an application of its own, with styles in attributes and pictures in addresses. */
const pagePolicy: RequestHandler = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
});

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The API of Quittance</title>
<link rel="icon" href="/v1/docs/favicon-32x32.png">
<link rel="stylesheet" href="/v1/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<noscript>This page needs JavaScript. The description itself: <a href="/v1/openapi.json">/v1/openapi.json</a></noscript>
<script src="/v1/docs/swagger-ui-bundle.js"></script>
<script src="/v1/docs/start.js"></script>
</body>
</html>
`;

/** A key that is typed in stays in the memory of the page. */
const START = `SwaggerUIBundle({
  url: '/v1/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null,
  tryItOutEnabled: true,
});
`;
