import type { ClientBase } from 'pg';

/** A connection in whose transaction statements are run: a client of pg, or an entity manager's transaction dressed as one. */
export type Statements = Pick<ClientBase, 'query'>;
