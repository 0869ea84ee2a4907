import { defineEntity, p } from '@mikro-orm/core';
import type { InferKyselyTable } from '@mikro-orm/postgresql';
import type { Selectable } from 'kysely';
import type { Quote } from './quote.ts';

export const StoredQuote = defineEntity({
  name: 'StoredQuote',
  tableName: 'quotes',
  indexes: [{ name: 'quotes_expired', properties: ['expiresAt'] }],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    /** The command, verbatim. */
    command: p.json<object>().columnType('json'),
    quote: p.json<Quote>().columnType('json'),
    requestedBy: p.text(),
    createdAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime(),
  },
});

/** A quote as it is stored. */
export type QuoteRow = Selectable<InferKyselyTable<typeof StoredQuote, { columnNamingStrategy: 'property' }>>;
