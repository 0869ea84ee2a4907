import { randomUUID } from 'node:crypto';
import { freshDatabase, type FreshDatabase } from '@isthmus/testing';
import { defineEntity, MikroORM, p } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { compiledOnce, statementsOf } from './entity-queries.ts';

const Parcel = defineEntity({
  name: 'Parcel',
  tableName: 'parcels',
  properties: {
    id: p.uuid().primary(),
    receiverName: p.text().fieldName('receiver'),
    sentAt: p.datetime().strictNullable(),
    details: p.json<{ weight?: number }>(),
    tags: p.array(),
    insured: p.boolean(),
    grams: p.bigint(),
  },
});
const Stamp = defineEntity({
  name: 'Stamp',
  tableName: 'stamps',
  properties: {
    parcelId: p.uuid().primary(),
    printedAt: p.datetime(),
    // The same column as a parcel's, of another type.
    grams: p.text(),
  },
});

const statements = statementsOf<typeof Parcel | typeof Stamp>();
const [sent, unsent] = [randomUUID(), randomUUID()];
const sentAt = new Date('2026-03-01T12:00:00.123Z');
let database: FreshDatabase;
let orm: MikroORM;

beforeAll(async () => {
  database = await freshDatabase('queries');
  orm = new MikroORM({ clientUrl: database.url, entities: [Parcel, Stamp] });
  await orm.schema.create();
  const parcel = {
    receiverName: 'Ann',
    details: { weight: 2 },
    tags: ['fragile'],
    insured: true,
    grams: 2_000n,
  };
  await statements(orm.em)
    .insertInto('Parcel')
    .values([
      { ...parcel, id: sent, sentAt },
      { ...parcel, id: unsent, sentAt: null },
    ])
    .execute();
  await statements(orm.em)
    .insertInto('Stamp')
    .values({ parcelId: sent, printedAt: sentAt, grams: 'two' })
    .execute();
});
afterAll(async () => {
  await orm.close();
  await database.drop();
});

const parcels = () => statements(orm.em).selectFrom('Parcel as p').where('p.id', '=', sent);

it('names and converts what it reads as the entity does', async () => {
  const { id, receiverName, ...rest } = await parcels().selectAll('p').executeTakeFirstOrThrow();
  expect({ id, receiverName, ...rest }).toEqual({
    ...{ id: sent, receiverName: 'Ann', sentAt },
    ...{ details: { weight: 2 }, tags: ['fragile'], insured: true, grams: 2_000n },
  });
  expect({ ...(await orm.em.fork().findOneOrFail(Parcel, { id: sent })) }).toMatchObject({
    receiverName,
    ...rest,
  });
});

it('reads null as null', async () => {
  const row = statements(orm.em).selectFrom('Parcel').select('sentAt').where('id', '=', unsent);
  expect(await row.executeTakeFirstOrThrow()).toEqual({ sentAt: null });
});

it('converts a column that two tables have as the outer table declares it', async () => {
  const stamps = statements(orm.em).selectFrom('Stamp as s').select('s.grams');
  const found = await stamps
    .where((eb) =>
      eb.exists(eb.selectFrom('Parcel as p').select('p.grams').whereRef('p.id', '=', 's.parcelId')),
    )
    .executeTakeFirstOrThrow();
  expect(found).toEqual({ grams: 'two' });
});

it('converts what a statement returns, and leaves what is computed as the driver has it', async () => {
  const changed = await statements(orm.em)
    .updateTable('Parcel')
    .set({ receiverName: 'Ben' })
    .where('id', '=', unsent)
    .returning(['receiverName', 'details', sql<number>`1 + 1`.as('sum')])
    .execute();
  expect(changed).toEqual([{ receiverName: 'Ben', details: { weight: 2 }, sum: 2 }]);
});

it('runs in the transaction of its entity manager, several at once each with its own result', async () => {
  await orm.em
    .fork()
    .transactional(async (em) => {
      await statements(em as typeof orm.em)
        .deleteFrom('Stamp')
        .execute();
      const counts = await Promise.all([
        statements(em as typeof orm.em)
          .selectFrom('Stamp')
          .select('printedAt')
          .execute(),
        statements(orm.em.fork()).selectFrom('Stamp').select('printedAt').execute(),
        statements(orm.em.fork()).selectFrom('Parcel').select('sentAt').orderBy('sentAt').execute(),
      ]);
      expect(counts).toEqual([[], [{ printedAt: sentAt }], [{ sentAt }, { sentAt: null }]]);
      throw new Error('undone');
    })
    .catch((error: unknown) => expect(error).toMatchObject({ message: 'undone' }));
});

describe('a statement that is compiled once', () => {
  let built = 0;
  const sentTo = compiledOnce((em, ids: readonly string[], receiver: string) => {
    built += 1;
    return statements(em)
      .selectFrom('Parcel')
      .select(['id', 'receiverName', 'sentAt'])
      .where('receiverName', '=', receiver)
      .where('insured', '=', true)
      .where('id', '=', sql<string>`any(${ids}::uuid[])`);
  });

  it('is run with the values of each call, and its results are named and converted', async () => {
    const ann = { id: sent, receiverName: 'Ann', sentAt };
    expect(await sentTo(orm.em, [sent], 'Ann')).toEqual([ann]);
    expect(await sentTo(orm.em, [sent], 'Ben')).toEqual([]);
    expect(await sentTo(orm.em, [randomUUID(), sent], 'Ann')).toEqual([ann]);
    expect(built).toBe(1);
  });

  it('runs in the transaction of its entity manager', async () => {
    const failing = orm.em.transactional(async (em) => {
      await statements(em)
        .updateTable('Parcel')
        .set({ receiverName: 'Eve' })
        .where('id', '=', sent)
        .execute();
      expect(await sentTo(em, [sent], 'Eve')).toHaveLength(1);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await sentTo(orm.em, [sent], 'Eve')).toEqual([]);
  });
});
