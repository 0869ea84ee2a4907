import { auditSql, auditWitnessSql } from '@isthmus/service-kit';
import { Migration } from '@mikro-orm/migrations';

/** Who did what; and the published ends of the audit logs of all services. */
export class Migration0031AuditLog extends Migration {
  override up(): void {
    for (const sql of [...auditSql, ...auditWitnessSql]) this.addSql(sql);
  }
}
