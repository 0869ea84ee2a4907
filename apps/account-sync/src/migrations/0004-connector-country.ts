import { Migration } from '@mikro-orm/migrations';
import { connectorCountrySql } from '@isthmus/sync-engine';

export class Migration0004ConnectorCountry extends Migration {
  override up(): void {
    for (const sql of connectorCountrySql) this.addSql(sql);
  }
}
