import { MikroORM } from '@mikro-orm/postgresql';
import { schemaDrift } from '@isthmus/service-kit';
import { runAccountSync } from '../test/account-sync.fixture.ts';

it('has the tables and columns of the entities; indexes, defaults and checks are the migration’s alone', async () => {
  const api = await runAccountSync();
  try {
    const drift = await schemaDrift(api.service.get(MikroORM));
    const statements = drift.split(';').map((statement) => statement.trim());
    expect(statements.filter((one) => /\b(create|add|drop column|rename|type|not null)\b/.test(one))).toEqual(
      [],
    );
  } finally {
    await api.stop();
  }
});
