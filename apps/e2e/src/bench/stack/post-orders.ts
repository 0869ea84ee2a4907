import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';

const connections = 32;

/** Orders one after the other on 32 connections, each with a key of its own; answers the milliseconds they took together. */
export async function postOrders(
  url: string,
  token: string,
  subscriptions: readonly string[],
  count: number,
): Promise<number> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  let next = 0;
  const begun = performance.now();
  const buyer = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/v1/orders',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
        },
        body: JSON.stringify({
          kind: 'change-quantity',
          subscriptionId: subscriptions[n % subscriptions.length],
          seats: 11 + (n % 50),
        }),
      });
      const said = await body.text();
      if (statusCode !== 202) throw new Error(`${url} answered ${statusCode}: ${said}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, buyer));
  const took = performance.now() - begun;
  await pool.close();
  return took;
}
