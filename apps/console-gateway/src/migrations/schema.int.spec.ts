import { keyRing, schemaDifferences } from '@isthmus/testing';
import { consoleGatewayOptions } from '../console-gateway.module.ts';
import { services } from '../proxy/generated/routes.ts';

it('has tables that are exactly what the entities declare', async () => {
  const env = {
    CONSOLE_URL: 'http://127.0.0.1:8100',
    SERVICE_URLS: JSON.stringify(Object.fromEntries(services.map((one) => [one, 'http://127.0.0.1:1']))),
    OIDC_CLIENT_ID: 'console',
    SESSION_SECRET_RING: keyRing('k1'),
  };
  expect(await schemaDifferences(consoleGatewayOptions, env)).toEqual({ wrong: [], undeclared: [] });
});
