import { tableOf } from './gateway-routes.mjs';

const document = (...paths: string[]) => ({ paths: Object.fromEntries(paths.map((path) => [path, {}])) });

it('sends each resource to the service that describes it, whatever is below it', () => {
  const { routes } = tableOf({
    webhooks: document('/v1/deliveries/{id}', '/v1/deliveries/{id}/resend', '/healthz/live'),
    'account-sync': document('/v1/sync-runs', '/v1/sync-runs/{id}'),
    'rest-provider': document('/customers/{id}', '/v1/audit'),
    'console-gateway': document('/v1/me', '/v1/audit', '/auth/me'),
  });
  expect(routes).toEqual({ deliveries: 'webhooks', 'sync-runs': 'account-sync' });
});

it('knows who serves what the gateway composes', () => {
  const { merged, routes } = tableOf({
    webhooks: document('/v1/audit', '/v1/parked-messages/{id}/drop'),
    'rest-provider': document('/v1/audit'),
    'console-gateway': document('/v1/audit', '/v1/parked-messages'),
  });
  expect(merged).toEqual({ audit: ['webhooks', 'rest-provider'], 'parked-messages': ['webhooks'] });
  expect(routes).toEqual({});
});

it('refuses a resource of two services, and one that the gateway has itself', () => {
  const orders = document('/v1/orders', '/v1/orders/{id}');
  expect(() => tableOf({ one: orders, other: document('/v1/orders/counts') })).toThrow(
    '/v1/orders is served by one and by other',
  );
  expect(() => tableOf({ 'console-gateway': document('/v1/me'), other: document('/v1/me') })).toThrow(
    '/v1/me is served by console-gateway and by other',
  );
});

it('lets the gateway add to a resource of a service, which keeps the resource', () => {
  const { routes } = tableOf({
    'console-gateway': document('/v1/me', '/v1/orders/{id}/timeline'),
    one: document('/v1/orders', '/v1/orders/{id}'),
  });
  expect(routes).toEqual({ orders: 'one' });
});
