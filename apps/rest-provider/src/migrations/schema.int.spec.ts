import { MikroORM } from '@mikro-orm/postgresql';
import { createService, schemaDrift } from '@isthmus/service-kit';
import { freshDatabase, testIssuer } from '@isthmus/testing';
import { restProviderOptions } from '../rest-provider.options.ts';

it('has the tables and columns of the entities; indexes, defaults and checks are the migration’s alone', async () => {
  const fresh = await freshDatabase('rest_provider');
  const issuer = await testIssuer();
  const env = { ...issuer.env, DATABASE_URL: fresh.url, LOG_LEVEL: 'silent', PORT: '0' };
  const service = await createService(restProviderOptions, env);
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
