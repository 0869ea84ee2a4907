import { Migration } from '@mikro-orm/migrations';

/** What orders need to know of a connector: the term of a frequency, and who attested to being the partner of record. */
export class M0003OrderSettings extends Migration {
  override up(): void {
    this.addSql(
      `alter table "connectors" add column "term_of_frequency" jsonb not null default '{}',
         add column "partner_attestation" jsonb null`,
    );
  }
}
