import { startPostgres } from '@isthmus/testing';
import { connectorFields, createConnector } from '../../platform/acts.ts';
import { pressButton, startBehindGateway } from '../../platform/gateway.ts';
import { HttpClient } from '../../platform/http-client.ts';
import { type Finding, percentile } from '../measuring.ts';
import { atEnd } from '../stack/processes.ts';

const requests = 1_000;
const warmUp = 200;
const most = 5;

/** How much longer a read takes through the gateway: with a program's token, and with a browser's session. */
export async function measure(): Promise<Finding[]> {
  const postgres = await startPostgres();
  atEnd(() => postgres.stop());
  const { gateway, platform, identity, program, stop } = await startBehindGateway({
    postgres: postgres.url,
    workers: 0,
    env: { LOG_LEVEL: 'warn' },
  });
  atEnd(stop);
  const granted = await fetch(`${identity.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: program.clientId,
      client_secret: program.clientSecret,
    }),
  });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const service = platform.connectorConfig.url;
  await createConnector({ connectors: new HttpClient(service, token) }, connectorFields(platform));
  const cookies = await pressButton(`${gateway.url}/auth/login`, 'admin@contoso.example');
  const bearer = { authorization: `Bearer ${token}` };
  const sides = {
    direct: { url: service, headers: bearer },
    token: { url: gateway.url, headers: bearer },
    session: { url: gateway.url, headers: { cookie: `isthmus_session=${cookies.get('isthmus_session')}` } },
  };
  const took: Record<keyof typeof sides, number[]> = { direct: [], token: [], session: [] };
  // In turns, so that what else happens on the machine happens to all of them.
  for (let n = 0; n < warmUp + requests; n += 1)
    for (const side of Object.keys(sides) as (keyof typeof sides)[]) {
      const ms = await timed(sides[side]);
      if (n >= warmUp) took[side].push(ms);
    }
  return [
    finding('G1', "with a program's token", took.direct, took.token),
    finding('G2', "with a browser's session", took.direct, took.session),
  ];
}

async function timed({ url, headers }: { url: string; headers: Record<string, string> }): Promise<number> {
  const begun = performance.now();
  const response = await fetch(`${url}/v1/connectors`, { headers });
  const text = await response.text();
  const ms = performance.now() - begun;
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return ms;
}

function finding(id: string, how: string, direct: readonly number[], through: readonly number[]): Finding {
  const [before, after] = [percentile(direct, 0.5), percentile(through, 0.5)];
  const added = after - before;
  return {
    id,
    what: `GET /v1/connectors through the gateway ${how}: p50 direct; p50 through it; added`,
    figure: `${before.toFixed(1)}; ${after.toFixed(1)}; ${added.toFixed(1)} ms`,
    must: `≤ ${most} ms added`,
    aim: '–',
    passed: added <= most,
  };
}
