import type { Answer, Input, Operation, Row } from '@isthmus/sdk';
import type { BulkOutcome } from '../../parts/form/bulk-drawer.tsx';

export type PartNumber = Row<Operation<'get', '/v1/part-numbers'>>;
export type Product = Row<Operation<'get', '/v1/products'>>;
export type Suggestion = Answer<
  Operation<'get', '/v1/part-numbers/{partNumber}/suggestions'>
>['data'][number];
export type Mapping = Answer<
  Operation<'get', '/v1/part-numbers/{partNumber}/mapping/history'>
>['data'][number];
type Counts = Answer<Operation<'get', '/v1/part-numbers/counts'>>['data'];
type Decisions = Answer<Operation<'post', '/v1/part-numbers/mappings'>>;
type RequestedDecisions = NonNullable<
  NonNullable<Input<Operation<'post', '/v1/part-numbers/mappings'>>['body']>['rows']
>;
type ImportRow = Row<Operation<'get', '/v1/mappings/import/{id}/rows'>>;

export const catalogueTabs = ['to-map', 'part-numbers', 'products', 'prices'] as const;
export type CatalogueTab = (typeof catalogueTabs)[number];
export const mappingStates = ['unmapped', 'ambiguous', 'mapped', 'excluded'] as const;
/** Somebody has to decide what these stand for. */
export const waitingStates: readonly string[] = ['unmapped', 'ambiguous'];

/** Where a decision about a part number holds: its connector and exactly its periods. */
export const placeOf = ({
  connectorId,
  billingPeriod,
  term,
}: Pick<PartNumber, 'connectorId' | 'billingPeriod' | 'term'>): {
  connectorId: string;
  billingPeriod?: string;
  term?: string;
} => ({
  connectorId,
  ...(billingPeriod !== null && { billingPeriod }),
  ...(term !== null && { term }),
});

/** How many part numbers are to be mapped, and how many there are. */
export function countsOf(counts: Counts | undefined): Partial<Record<CatalogueTab, number>> {
  if (!counts) return {};
  const sum = (some: Counts): number => some.reduce((total, { partNumbers }) => total + partNumbers, 0);
  return {
    'to-map': sum(counts.filter(({ state }) => waitingStates.includes(state))),
    'part-numbers': sum(counts),
  };
}

/** The best suggestion of each selected row; of a tie, none: that is for a person to decide. */
export const mappingsOf = (rows: readonly PartNumber[], selected: ReadonlySet<string>): RequestedDecisions =>
  rows.flatMap((row) => {
    const { id, partNumber, bestSuggestion } = row;
    if (!selected.has(id) || !bestSuggestion || bestSuggestion.tied) return [];
    return [{ ...placeOf(row), partNumber, action: 'map', productId: bestSuggestion.productId }];
  });

/** What a dry run found that can be done, to be done exactly so. */
export const decisionsIn = ({ results }: Decisions): RequestedDecisions =>
  results.flatMap(({ outcome, connectorId, partNumber, billingPeriod, term, action, productId }) =>
    outcome === 'mapped' || outcome === 'excluded' || outcome === 'unmapped'
      ? [
          {
            ...{ connectorId, partNumber, action },
            ...(billingPeriod !== undefined && { billingPeriod }),
            ...(term !== undefined && { term }),
            ...(productId !== undefined && { productId }),
          },
        ]
      : [],
  );

/** The results of many decisions as a bulk drawer shows them. */
export function outcomeOf(
  { results, mapped, excluded, unmapped, unchanged, refused }: Decisions,
  nameOf: (productId: string) => string,
): BulkOutcome {
  const rows = results.map(
    ({ connectorId, partNumber, billingPeriod, term, productId, outcome, detail, nextStep }) => ({
      key: [connectorId, partNumber, billingPeriod, term].join(' '),
      name: productId === undefined ? partNumber : `${partNumber} → ${nameOf(productId)}`,
      outcome: outcome === 'refused' || outcome === 'unchanged' ? outcome : ('done' as const),
      detail,
      nextStep,
    }),
  );
  return { done: mapped + excluded + unmapped, unchanged, refused, rows };
}

const idle: readonly string[] = ['unchanged', 'duplicate'];

/** An import as a bulk drawer shows it; its counts are of the whole file, of which `rows` may be a part. */
export function importOutcome(
  counts: Readonly<Record<string, number>>,
  rows: readonly ImportRow[],
  wordOf: (outcome: string) => string,
): BulkOutcome {
  const { refused = 0, unchanged = 0, duplicate = 0, ...effective } = counts;
  return {
    done: Object.values(effective).reduce((sum, count) => sum + count, 0),
    unchanged: unchanged + duplicate,
    refused,
    rows: rows.map(({ row, partNumber, product, outcome, problem }) => ({
      key: String(row),
      name: product === null ? partNumber : `${partNumber} → ${product}`,
      outcome: outcome === 'refused' ? 'refused' : idle.includes(outcome) ? 'unchanged' : 'done',
      detail: problem ?? wordOf(outcome),
    })),
  };
}
