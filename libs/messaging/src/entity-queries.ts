import {
  type EntityManager,
  type EntityMetadata,
  type EntityProperty,
  type InferClassEntityDB,
  type InferKyselyDB,
  MikroKyselyPlugin,
  type MikroKyselyPluginOptions,
} from '@mikro-orm/postgresql';
import type {
  Compilable,
  CompiledQuery,
  KyselyPlugin,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryResult,
} from 'kysely';

/** Tables and columns by their names in the code; values as the entities declare them. */
const entityNames = {
  tableNamingStrategy: 'entity',
  columnNamingStrategy: 'property',
  convertValues: true,
} as const satisfies MikroKyselyPluginOptions;

/**
 * For what `em.find` cannot express: Kysely, with the tables and columns of these entities by their names in the code. A
 * service, or a single store, names once the entities that its statements are about:
 *
 *     const statements = statementsOf<typeof Product | typeof PriceListEntry>();
 *     statements(em).selectFrom('Product as p')
 *
 * They run in the transaction of `em` if it is in one. The tenant's filter is not added: each names its tenant. Results are
 * converted by the names of their columns: what is computed must not be named like a column of one of the tables, and what
 * an SQL expression returns comes as the driver delivers it, a time as text.
 *
 * Equivalent to `em.getKysely(entityNames)`, whose plugin rebuilds its maps of names for every result, which took a third of an
 * order command's time.
 */
export const statementsOf =
  <Entities>() =>
  (em: EntityManager): Statements<Entities> => {
    const metadata = em.getMetadata();
    let plugin = plugins.get(metadata);
    if (!plugin) plugins.set(metadata, (plugin = new EntityNames(em)));
    return em.getKysely().withPlugin(plugin) as unknown as Statements<Entities>;
  };

const planned = new Map<string, string>();

/** Has PostgreSQL plan a statement once per connection instead of each time; for texts of which there are few. */
export function planOnce(text: string, name = `isthmus.planned-${planned.size + 1}`): void {
  if (!planned.has(text)) planned.set(text, name);
}

/** The name of a statement that is planned once. */
export const plannedName = (text: string): string | undefined => planned.get(text);

/**
 * A read whose statement is built, compiled and planned once, for paths on which that takes longer than running it. `build` gets a
 * placeholder instead of each value and must never look at it; values reach the driver as they are given, so that they suit columns
 * of plain types only, such as ids, text, numbers and times.
 *
 *     const byId = compiledOnce((em, tenantId: string, id: string) =>
 *       statements(em).selectFrom('Product').selectAll().where('tenantId', '=', tenantId).where('id', '=', id));
 *     const [product] = await byId(em, tenantId, id);
 */
export function compiledOnce<Values extends readonly unknown[], Row>(
  build: (em: EntityManager, ...values: Values) => Compilable<Row>,
): (em: EntityManager, ...values: Values) => Promise<Row[]> {
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  const placeholder = (index: number) => `isthmus-value-${index}`;
  return async (em, ...values) => {
    const metadata = em.getMetadata();
    let query = compiled.get(metadata);
    if (!query) {
      const placeholders = values.map((_, index) => placeholder(index)) as unknown as Values;
      compiled.set(metadata, (query = build(em, ...placeholders).compile()));
      planOnce(query.sql);
    }
    const given = new Map<unknown, unknown>(values.map((value, index) => [placeholder(index), value]));
    const parameters = query.parameters.map((one) => (given.has(one) ? given.get(one) : one));
    const { rows } = await statementsOf()(em).executeQuery<Row>({ ...query, parameters });
    return rows;
  };
}

/** Kysely as MikroORM types it, for these entities. */
type Statements<Entities> = ReturnType<
  typeof EntityManager.prototype.getKysely<TablesOf<Entities>, typeof entityNames>
>;

/**
 * Entities are classes, or schemas without one. Schemas are inferred as such: as a class, JSON with an `id`, such as an order's
 * record, would pass for a relation.
 */
type AnyClass = abstract new (...args: never[]) => unknown;
type TablesOf<Entities> = InferClassEntityDB<Extract<Entities, AnyClass>, typeof entityNames> &
  InferKyselyDB<Extract<Exclude<Entities, AnyClass>, { name: string }>, typeof entityNames>;

const plugins = new WeakMap<object, KyselyPlugin>();

interface Column {
  name: string;
  convert?: (value: unknown) => unknown;
}
type Columns = ReadonlyMap<string, Column>;
type Row = Record<string, unknown>;

/** MikroORM's plugin for what is sent; results are renamed and converted by maps that are built once for each set of tables. */
class EntityNames extends MikroKyselyPlugin implements KyselyPlugin {
  readonly #entities = new Map<string, EntityMetadata>();
  readonly #tablesOf = new WeakMap<object, string>();
  readonly #columns = new Map<string, Columns>();
  readonly #platform;

  constructor(em: EntityManager) {
    super(em, entityNames);
    this.#platform = em.getPlatform();
    for (const meta of em.getMetadata()) this.#entities.set(meta.className, meta);
  }

  override transformQuery(args: PluginTransformQueryArgs) {
    const tables = new Set<string>();
    this.#collect(args.node, tables);
    this.#tablesOf.set(args.queryId, [...tables].join());
    return super.transformQuery(args);
  }

  override transformResult({ queryId, result }: PluginTransformResultArgs): Promise<QueryResult<Row>> {
    const tables = this.#tablesOf.get(queryId);
    if (!tables || !result.rows?.length) return Promise.resolve(result);
    const columns = this.#columnsOf(tables);
    return Promise.resolve({ ...result, rows: result.rows.map((row) => named(row, columns)) });
  }

  /** The entities that a statement names, wherever it does, in its order. */
  #collect(node: unknown, into: Set<string>): void {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) for (const part of node) this.#collect(part, into);
    else if ((node as { kind?: string }).kind === 'IdentifierNode') {
      const { name } = node as { name: string };
      if (this.#entities.has(name)) into.add(name);
    } else if ('kind' in node) for (const part of Object.values(node)) this.#collect(part, into);
  }

  #columnsOf(tables: string): Columns {
    let columns = this.#columns.get(tables);
    if (columns) return columns;
    const made = new Map<string, Column>();
    for (const name of tables.split(','))
      for (const prop of this.#entities.get(name)!.props)
        for (const field of prop.fieldNames ?? []) if (!made.has(field)) this.#add(made, field, prop);
    this.#columns.set(tables, (columns = made));
    return columns;
  }

  #add(columns: Map<string, Column>, field: string, prop: EntityProperty): void {
    const column = { name: prop.name, convert: this.#converterOf(prop) };
    columns.set(field, column);
    if (!columns.has(prop.name)) columns.set(prop.name, column);
  }

  /** Converts a value as MikroORM does when it reads an entity. */
  #converterOf({ customType, runtimeType }: EntityProperty): Column['convert'] {
    if (customType) return (value) => customType.convertToJSValue(value, this.#platform);
    if (runtimeType === 'Date')
      return (value) => (value instanceof Date ? value : this.#platform.parseDate(value as string));
    return undefined;
  }
}

function named(row: Row, columns: Columns): Row {
  const result: Row = {};
  for (const field in row) {
    const column = columns.get(field);
    const value = row[field];
    result[column?.name ?? field] = value != null && column?.convert ? column.convert(value) : value;
  }
  return result;
}
