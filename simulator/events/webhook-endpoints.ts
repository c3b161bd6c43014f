import { token } from '../core/ids.ts';
import { paginate } from '../core/lists.ts';
import type { WebhookEndpointObject } from '../core/objects.ts';
import { array, bool, required, string, text, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { listParams, mergeMetadata, metadata, url } from '../core/shared-params.ts';

/** Endpoints as the API makes them (https://docs.stripe.com/api/webhook_endpoints). The secret is shown once, on create. */
export const webhookEndpoints: Resource = {
  expansions: {},
  routes: [
    route(
      'POST',
      '/v1/webhook_endpoints',
      {
        url: required(url()),
        enabled_events: required(array(string())),
        api_version: string(),
        description: text(),
        metadata: metadata(),
        connect: unsimulated(),
      },
      (context, params) => {
        const endpoint: WebhookEndpointObject = {
          id: context.id('we_'),
          object: 'webhook_endpoint',
          api_version: params.api_version ?? null,
          application: null,
          created: context.now(),
          description: params.description ?? null,
          enabled_events: params.enabled_events,
          livemode: context.livemode,
          metadata: mergeMetadata({}, params.metadata),
          status: 'enabled',
          url: params.url,
        };
        const secret = `whsec_${token(32)}`;
        context.account.webhooks.signWith(endpoint.id, secret);
        context.store.webhook_endpoint.add(endpoint);
        return { ...endpoint, secret };
      },
    ),
    route(
      'POST',
      '/v1/webhook_endpoints/{id}',
      { url: url(), enabled_events: array(string()), description: text(), metadata: metadata(), disabled: bool() },
      (context, params, { id }) => {
        const endpoint = context.store.webhook_endpoint.need(id);
        endpoint.url = params.url ?? endpoint.url;
        endpoint.enabled_events = params.enabled_events ?? endpoint.enabled_events;
        if (params.description !== undefined) endpoint.description = params.description;
        endpoint.metadata = mergeMetadata(endpoint.metadata, params.metadata);
        if (params.disabled !== undefined) endpoint.status = params.disabled ? 'disabled' : 'enabled';
        return endpoint;
      },
    ),
    route('GET', '/v1/webhook_endpoints', listParams, (context, params) =>
      paginate(context.store.webhook_endpoint.newestFirst(), params, '/v1/webhook_endpoints'),
    ),
    route('GET', '/v1/webhook_endpoints/{id}', {}, (context, _params, { id }) =>
      context.store.webhook_endpoint.need(id),
    ),
    route('DELETE', '/v1/webhook_endpoints/{id}', {}, (context, _params, { id }) =>
      context.store.webhook_endpoint.delete(id),
    ),
  ],
};
