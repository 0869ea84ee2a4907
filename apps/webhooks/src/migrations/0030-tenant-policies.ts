import { sharedPolicySql, tenantPolicySql } from '@isthmus/service-kit';
import { Migration } from '@mikro-orm/migrations';

/** PostgreSQL itself keeps tenants apart. */
export class Migration0030TenantPolicies extends Migration {
  override up(): void {
    const own = tenantPolicySql('endpoints', 'endpoint_secrets', 'events', 'deliveries', 'delivery_attempts');
    for (const sql of [...sharedPolicySql, ...own]) this.addSql(sql);
  }
}
