import { Migration } from '@mikro-orm/migrations';
import { connectorCountrySql } from '@isthmus/sync-engine';

/** A price list is asked for by market, which is the connector's country, and handed out product by product. */
export class Migration0002PriceLists extends Migration {
  override up(): void {
    for (const sql of connectorCountrySql) this.addSql(sql);
    this.addSql('create index products_by_connector on products (connector_id, id)');
  }
}
