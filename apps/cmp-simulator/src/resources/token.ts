import type { FastifyInstance } from 'fastify';
import { CmpRefusal } from '../wire/cmp-refusal.ts';
import type { Wire } from '../wire/simple-api.ts';

/** POST /token: Basic credentials and a marketplace code buy a bearer token. */
export function token(app: FastifyInstance): void {
  app.post('/token', (request): Wire<'TokenInfo'> => {
    const { account } = request.call;
    const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (
      Buffer.from(basic, 'base64').toString('utf8') !==
      `${account.options.username}:${account.options.password}`
    )
      throw new CmpRefusal(401, 'Authentication failed: invalid username or password.');
    const { marketplace } = (request.body ?? {}) as Wire<'TokenRequest'>;
    if (marketplace !== account.options.marketplace)
      throw new CmpRefusal(401, `Authentication failed: unknown marketplace "${marketplace ?? ''}".`);
    return account.tokens.issue(Date.now());
  });
}
