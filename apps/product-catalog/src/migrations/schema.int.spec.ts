import { MikroORM } from '@mikro-orm/postgresql';
import { createService, schemaDrift } from '@isthmus/service-kit';
import { freshDatabase, testIssuer } from '@isthmus/testing';
import { productCatalogOptions } from '../product-catalog.options.ts';

it('has the tables and columns of the entities; indexes, defaults and checks are the migration’s alone', async () => {
  const fresh = await freshDatabase('product_catalog');
  const issuer = await testIssuer();
  const ring = JSON.stringify({ current: 'k1', keys: { k1: Buffer.alloc(32, 7).toString('base64') } });
  const env = { ...issuer.env, DATABASE_URL: fresh.url, SECRET_RING: ring, LOG_LEVEL: 'silent', PORT: '0' };
  const service = await createService(productCatalogOptions, env);
  try {
    await service.migrate();
    const drift = await schemaDrift(service.get(MikroORM));
    const statements = drift.split(';').map((statement) => statement.trim());
    expect(statements.filter((one) => /\b(create|add|drop column|rename|type|not null)\b/.test(one))).toEqual(
      [],
    );
  } finally {
    await service.close();
    await issuer.close();
    await fresh.drop();
  }
});
