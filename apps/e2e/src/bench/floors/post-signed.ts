import { Webhook } from 'standardwebhooks';
import { Pool } from 'undici';

/** The least sending webhooks can be: bodies that lie ready, signed and posted, so many under way; nothing is noted. */
export async function postSigned(url: string, bodies: readonly string[], atOnce: number): Promise<number> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: atOnce });
  const webhook = new Webhook(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
  const begun = performance.now();
  let next = 0;
  const sender = async () => {
    while (next < bodies.length) {
      const id = `event-${next}`;
      const body = bodies[next++]!;
      const at = new Date();
      const headers = {
        'content-type': 'application/cloudevents+json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': webhook.sign(id, at, body),
      };
      const answer = await pool.request({ method: 'POST', path: pathname, headers, body });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  const ms = performance.now() - begun;
  await pool.close();
  return ms;
}
