import { defineEntity, p } from '@mikro-orm/core';

const sessionTable = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  indexes: [{ name: 'sessions_by_end', properties: ['endsAt'] }],
  properties: {
    /** Hash of the secret in the cookie: whoever reads the table cannot use the session. */
    id: p.text().primary(),
    tenantId: p.uuid(),
    /** Of the token, and the person's name for the page. */
    subject: p.text(),
    name: p.text(),
    /** The tokens, as `SessionTokenSet` in JSON. */
    sealed: p.text(),
    /** Grows with every renewal of the tokens; they are sealed for it. */
    version: p.integer(),
    tokenExpiresAt: p.datetime(),
    /** One process renews the tokens until then. */
    refreshingUntil: p.datetime().strictNullable(),
    createdAt: p.datetime(),
    lastSeenAt: p.datetime(),
    /** Its end, however much it is used. */
    endsAt: p.datetime(),
  },
});

/** A person's sign-in on one browser. */
export class Session extends sessionTable.class {}
sessionTable.setClass(Session);
