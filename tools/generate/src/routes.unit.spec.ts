import { routesOf } from './routes.mjs';

const get = (type = 'application/json') => ({ get: { responses: { 200: { content: { [type]: {} } } } } });
const behind = { orders: { paths: { '/v1/orders': get(), '/customers': get() } } };

it('leads the first host to the gateway, which knows the services behind it', () => {
  expect(routesOf({ ...behind, 'rest-provider': { paths: {} } })[0]).toEqual({
    service: 'console-gateway',
    host: 'isthmus',
    prefixes: [{ prefix: '/', isStream: true }],
  });
});

it('leads Work 365 to what it calls at a host of its own, and to nothing else of that service', () => {
  const documents = {
    ...behind,
    'rest-provider': {
      paths: {
        '/customers': get(),
        '/customers/{id}': get(),
        '/customers/{id}/events': get('text/event-stream'),
        '/utilities/domain-check/{domain}': get(),
        '/v1/audit': get(),
        '/healthz/ready': get(),
        '/metrics': get('text/plain'),
        '/docs/{file}': get(),
        '/openapi.json': get(),
      },
    },
  };
  expect(routesOf(documents)[1]).toEqual({
    service: 'rest-provider',
    host: 'work-365',
    prefixes: [
      { prefix: '/customers', isStream: true },
      { prefix: '/utilities', isStream: false },
    ],
  });
});
