import { routesOf } from './routes.mjs';

const get = (type = 'application/json') => ({ get: { responses: { 200: { content: { [type]: {} } } } } });

it('routes each resource to the service that serves it, and nothing else of it', () => {
  const documents = {
    orders: {
      paths: {
        '/v1/orders': get(),
        '/v1/orders/{id}': get(),
        '/v1/orders/{id}/events': get('text/event-stream'),
        '/v1/quotes/{id}': get(),
        '/healthz/ready': get(),
        '/metrics': get('text/plain'),
        '/docs/{file}': get(),
        '/openapi.json': get(),
      },
    },
    idle: { paths: { '/healthz/live': get() } },
  };
  expect(routesOf(documents)).toEqual([
    {
      service: 'orders',
      host: 'isthmus',
      prefixes: [
        { prefix: '/v1/orders', isStream: true },
        { prefix: '/v1/quotes', isStream: false },
      ],
    },
  ]);
});

it('has no route to what every service serves for its own part', () => {
  const documents = {
    billing: { paths: { '/v1/audit': get(), '/v1/invoices': get() } },
    orders: { paths: { '/v1/audit': get(), '/v1/audit-rules': get() } },
  };
  expect(routesOf(documents)).toMatchObject([
    { service: 'billing', prefixes: [{ prefix: '/v1/invoices' }] },
    { service: 'orders', prefixes: [{ prefix: '/v1/audit-rules' }] },
  ]);
});

it('refuses a prefix that two services serve, and says which', () => {
  const documents = {
    billing: { paths: { '/v1/invoices/{id}': get() } },
    orders: { paths: { '/v1/invoices': get() } },
  };
  expect(() => routesOf(documents)).toThrow(/\/v1\/invoices is served by billing and by orders/);
});

it('gives Work 365 a host of its own, on which its paths may have the names that ours have', () => {
  const documents = {
    'rest-provider': {
      paths: { '/v1/orders': get(), '/customers/{id}': get(), '/utilities/domain-check': get() },
    },
    orders: { paths: { '/v1/orders': get() } },
  };
  expect(routesOf(documents)).toMatchObject([
    {
      host: 'work-365',
      prefixes: [{ prefix: '/customers' }, { prefix: '/utilities' }, { prefix: '/v1/orders' }],
    },
    { host: 'isthmus', prefixes: [{ prefix: '/v1/orders' }] },
  ]);
});
