import { randomUUID } from 'node:crypto';
import { acrossTenants } from '@isthmus/service-kit';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { fromNow, statements } from '../tables.ts';
import type { QuoteRow } from './quote.entity.ts';
import { QuoteNotFound } from './quote.ts';

type NewQuote = Pick<QuoteRow, 'tenantId' | 'command' | 'quote' | 'requestedBy'> & { minutes: number };

/** Stores a quote that binds for so many minutes. */
export const insertQuote = (em: EntityManager, { minutes, ...quote }: NewQuote): Promise<QuoteRow> =>
  statements(em)
    .insertInto('StoredQuote')
    .values({ id: randomUUID(), ...quote, expiresAt: fromNow(minutes * 60) })
    .returningAll()
    .executeTakeFirstOrThrow();

/** @throws QuoteNotFound */
export async function readQuote(em: EntityManager, tenantId: string, id: string): Promise<QuoteRow> {
  const row = await statements(em)
    .selectFrom('StoredQuote')
    .selectAll()
    .where('tenantId', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new QuoteNotFound(id);
  return row;
}

const [hour, day] = [3_600, 86_400];

/** Deletes quotes a day after they have expired, of all tenants. @returns how many */
export async function pruneQuotes(em: EntityManager): Promise<number> {
  const { numDeletedRows } = await acrossTenants('delete expired quotes', () =>
    statements(em).deleteFrom('StoredQuote').where('expiresAt', '<', fromNow(-day)).executeTakeFirst(),
  );
  return Number(numDeletedRows);
}

/** Deletes expired quotes every hour; every replica may, the statement does not mind. */
@Injectable()
export class PruneQuotes implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(PruneQuotes.name);
  #timer?: NodeJS.Timeout;

  constructor(private readonly orm: MikroORM) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.#prune(), hour * 1_000);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  async #prune(): Promise<void> {
    try {
      await pruneQuotes(this.orm.em.fork());
    } catch (error) {
      this.#log.warn('Expired quotes could not be deleted; retrying in an hour.', error);
    }
  }
}
