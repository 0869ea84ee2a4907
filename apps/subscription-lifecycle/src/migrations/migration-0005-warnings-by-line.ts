import { Migration } from '@mikro-orm/migrations';

/** Windows are told of by product line: those of one purchase close at the same moment. */
export class Migration0005WarningsByLine extends Migration {
  override up(): void {
    this.addSql("alter table warnings_told add column line text not null default ''");
    this.addSql('alter table warnings_told drop constraint warnings_told_pkey');
    this.addSql('alter table warnings_told add primary key (subscription_id, kind, about, ahead, line)');
  }
}
