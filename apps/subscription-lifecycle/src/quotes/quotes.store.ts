import { randomUUID } from 'node:crypto';
import { TenantRows } from '@isthmus/service-kit';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Pool } from 'pg';
import { type Quote, QuoteNotFound } from './quote.ts';

/** A quote as it is stored. */
export interface QuoteRow {
  id: string;
  /** The command as it was given. */
  command: object;
  quote: Quote;
  askedBy: string;
  createdAt: Date;
  expiresAt: Date;
}

type NewQuote = Pick<QuoteRow, 'command' | 'quote' | 'askedBy'> & { minutes: number };

const columns = `id, command, quote, asked_by as "askedBy", created_at as "createdAt", expires_at as "expiresAt"`;

/** Stores a quote that binds for so many minutes. */
export async function insertQuote(
  rows: TenantRows,
  { command, quote, askedBy, minutes }: NewQuote,
): Promise<QuoteRow> {
  const [row] = await rows.select<QuoteRow & object>(
    `insert into quotes (tenant_id, id, command, quote, asked_by, expires_at)
     values ($1, $2, $3, $4, $5, now() + make_interval(mins => $6)) returning ${columns}`,
    [randomUUID(), JSON.stringify(command), JSON.stringify(quote), askedBy, minutes],
  );
  return row!;
}

/** @throws QuoteNotFound */
export async function readQuote(rows: TenantRows, id: string): Promise<QuoteRow> {
  const [row] = await rows.select<QuoteRow & object>(
    `select ${columns} from quotes where tenant_id = $1 and id = $2`,
    [id],
  );
  if (!row) throw new QuoteNotFound(id);
  return row;
}

/** Deletes quotes a day after they have expired, of all tenants. @returns how many */
export async function pruneQuotes(pool: Pool): Promise<number> {
  const { rowCount } = await pool.query("delete from quotes where expires_at < now() - interval '1 day'");
  return rowCount ?? 0;
}

const hour = 3_600_000;

/** Deletes expired quotes every hour; every replica may, the statement does not mind. */
@Injectable()
export class PruneQuotes implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(PruneQuotes.name);
  #timer?: NodeJS.Timeout;

  constructor(private readonly pool: Pool) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.#prune(), hour);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  async #prune(): Promise<void> {
    try {
      await pruneQuotes(this.pool);
    } catch (error) {
      this.#log.warn('Expired quotes could not be deleted; retrying in an hour.', error);
    }
  }
}
