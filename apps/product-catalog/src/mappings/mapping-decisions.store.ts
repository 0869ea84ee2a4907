import { DomainError, PartNumber } from '@isthmus/domain';
import { audit, clientIn, type TenantStore } from '@isthmus/service-kit';
import { requireConnector } from '@isthmus/sync-engine';
import type { EntityManager } from '@mikro-orm/postgresql';
import { waitingStates } from '../part-numbers/part-number.entity.ts';
import { listPartNumbers } from '../part-numbers/part-numbers.store.ts';
import { bestSuggestions } from '../part-numbers/resolution.store.ts';
import type { MappingSource, PartNumberMapping } from './mapping.entity.ts';
import { mappingInForce, requireProduct, writeMappings } from './mappings.store.ts';

/** Who decides, and for what. */
interface Decider {
  tenantId: string;
  by: string;
  source: MappingSource;
}

/** A part number of a connector for exactly these periods; '' for any. */
export interface DecidedPartNumber {
  connectorId: string;
  partNumber: PartNumber;
  key: string;
  billingPeriod: string;
  term: string;
}

/**
 * Maps, excludes (null) or unmaps (undefined) a part number, with an entry in the audit log. False if it was so already.
 * @throws ConnectorNotFound, ProductNotFound, ProductWithdrawn, MappingContradicts, MappingIsAlias
 */
export async function decideMapping(
  em: EntityManager,
  { tenantId, by, source }: Decider,
  place: DecidedPartNumber,
  { productId, reason }: { productId: string | null | undefined; reason: string },
): Promise<boolean> {
  const { connectorId, partNumber } = place;
  await requireConnector(em, connectorId);
  if (typeof productId === 'string') await requireProduct(em, place, productId);
  const before = auditedFields(await mappingInForce(em, place));
  const mapper = { tenantId, connectorId, by, source };
  const written = await writeMappings(clientIn(em), mapper, [{ ...place, productId, reason }]);
  const now = await mappingInForce(em, place);
  // What was never mapped and is not mapped now needs no entry.
  if (!before && !now) return false;
  await audit(em, {
    ...{ tenantId, action: productId === undefined ? 'part-number.unmap' : 'part-number.map', reason },
    ...{ thing: ['part-number', now?.partNumber ?? PartNumber.print(partNumber)], before },
    ...(now && { after: auditedFields(now) }),
  });
  return written.mapped + written.unmapped > 0;
}

/** Copies the current fields of a mapping, because an entity would show later changes. */
const auditedFields = (mapping: PartNumberMapping | null): object | null => {
  if (!mapping) return null;
  const { connectorId, billingPeriod, term, productId = null, source, alias } = mapping;
  return { connectorId, billingPeriod, term, productId, excluded: productId === null, source, alias };
};

/** One of many decisions, as requested. */
export interface RequestedDecision {
  connectorId: string;
  partNumber: string;
  billingPeriod?: string;
  term?: string;
  action: 'map' | 'exclude' | 'unmap';
  /** For `map`. */
  productId?: string;
}

export const decisionOutcomes = ['mapped', 'excluded', 'unmapped', 'unchanged', 'refused'] as const;

/** How one of many decisions went, or would go. */
export interface DecisionResult extends RequestedDecision {
  outcome: (typeof decisionOutcomes)[number];
  /** Why it is refused. */
  code?: string;
  detail?: string;
  nextStep?: string;
}

const outcomes = { map: 'mapped', exclude: 'excluded', unmap: 'unmapped' } as const;

/** Ends a transaction whose work was only to be tried. */
class OnlyTried extends Error {}

/**
 * Makes many decisions, each in a transaction of its own: what is refused does not affect the others.
 * @param dryRun each is tried, checks and locks included, and undone
 */
export async function decideMappings(
  store: TenantStore,
  requested: readonly RequestedDecision[],
  { reason, dryRun, ...decider }: Decider & { reason: string; dryRun: boolean },
): Promise<DecisionResult[]> {
  const results: DecisionResult[] = [];
  for (const one of requested) {
    let outcome: DecisionResult['outcome'] = 'unchanged';
    try {
      const place = placeOf(one);
      await store.change(decider.tenantId, async (em) => {
        if (await decideMapping(em, decider, place, { productId: wantedProduct(one), reason }))
          outcome = outcomes[one.action];
        if (dryRun) throw new OnlyTried();
      });
      results.push({ ...one, outcome });
    } catch (error) {
      if (error instanceof OnlyTried) results.push({ ...one, outcome });
      else if (error instanceof DomainError) results.push({ ...one, ...refusal(error) });
      else throw error;
    }
  }
  return results;
}

const wantedProduct = ({ action, productId }: RequestedDecision): string | null | undefined =>
  action === 'map' ? productId : action === 'exclude' ? null : undefined;

/** @throws InvalidPartNumber */
export function placeOf({
  connectorId,
  partNumber: text,
  billingPeriod = '',
  term = '',
}: Pick<RequestedDecision, 'connectorId' | 'partNumber' | 'billingPeriod' | 'term'>): DecidedPartNumber {
  const partNumber = PartNumber.parse(text);
  return { connectorId, partNumber, key: PartNumber.key(partNumber), billingPeriod, term };
}

const refusal = ({ code, message: detail, nextStep }: DomainError) => ({
  outcome: 'refused' as const,
  code,
  detail,
  nextStep,
});

/** Mappings of waiting part numbers to products that leave no doubt; those that most subscriptions wait for first. */
export async function sureMappings(
  store: TenantStore,
  filter: { tenantId: string; connectorId?: string },
  limit: number,
): Promise<RequestedDecision[]> {
  const waiting = await store.read(filter.tenantId, (em) =>
    listPartNumbers(em, { ...filter, states: waitingStates }, 'subscriptions', undefined, limit),
  );
  const best = await bestSuggestions(store.rows(filter.tenantId), waiting.slice(0, limit));
  return waiting.flatMap(({ id, connectorId, partNumber, billingPeriod, term }) => {
    const suggestion = best.get(id);
    if (!suggestion?.sure) return [];
    const periods = { ...(billingPeriod && { billingPeriod }), ...(term && { term }) };
    return [{ connectorId, partNumber, ...periods, action: 'map', productId: suggestion.product.id }];
  });
}
