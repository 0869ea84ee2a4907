import { Injectable } from '@nestjs/common';
import {
  isoPeriod,
  NameProducts,
  ResolvePartNumber,
  type ProductReferenceV1,
  type RatedLineV1,
  type TermOfFrequencyV1,
} from '@isthmus/contracts';
import { RequestClient } from '@isthmus/messaging';
import type { ConnectorRef } from '../work365/work365-client.ts';
import type { Purchase } from '../write-intents/write-intent.ts';
import { type KnownSubscription, lineOf } from './known-subscription.ts';
import { resolutionRequests, resolvedPeriods, type ResolvedPeriods } from './part-number-resolution.ts';

const batchSize = 500;

/** Part numbers, as product-catalog knows them: which one a product is shown under, and what a purchase by one stands for. */
@Injectable()
export class PartNumbers {
  constructor(private readonly requests: RequestClient) {}

  /**
   * Returns the part number to show for each subscription, keyed by the id that clients know: the one used for the purchase, as
   * long as it is still valid.
   */
  async ofSubscriptions(
    connector: ConnectorRef,
    known: readonly KnownSubscription[],
  ): Promise<Map<string, string | null>> {
    const shown = known.map((one) => {
      const line = lineOf(one);
      const orderedAs = one.purchase?.requested.partNumber;
      if (!line || !one.agreed) return { id: one.id, orderedAs };
      const { billingPeriod, term } = one.agreed;
      const { vendor, mpn, productId: cmpProductId } = line;
      const product = { vendor, mpn, cmpProductId, ...periods({ billingPeriod, term }), orderedAs };
      return { id: one.id, orderedAs, product };
    });
    const names = await this.#names(
      connector,
      shown.flatMap(({ product }) => product ?? []),
    );
    return new Map(
      shown.map(({ id, orderedAs, product }) => [id, (product ? names(product) : orderedAs) ?? null]),
    );
  }

  /** Like `ofSubscriptions`, for one subscription. */
  async ofSubscription(connector: ConnectorRef, known: KnownSubscription): Promise<string | null> {
    return (await this.ofSubscriptions(connector, [known])).get(known.id) ?? null;
  }

  /** Lines of invoices with the part number that their subscription is shown by. */
  async ofLines(
    connector: ConnectorRef,
    lines: readonly RatedLineV1[],
    bought: ReadonlyMap<string, { partNumber: string }>,
  ): Promise<RatedLineV1[]> {
    const productOf = (line: RatedLineV1): ProductReferenceV1 | undefined =>
      line.mpn && line.manufacturer
        ? {
            vendor: line.manufacturer,
            mpn: line.mpn,
            cmpProductId: line.cmpProductId,
            ...periods({ billingPeriod: line.billingCycle, term: line.term }),
            orderedAs: bought.get(line.providerSubscriptionId ?? '')?.partNumber,
          }
        : undefined;
    const names = await this.#names(
      connector,
      lines.flatMap((line) => productOf(line) ?? []),
    );
    return lines.map((line) => {
      const product = productOf(line);
      return product ? { ...line, partNumber: names(product) ?? line.partNumber } : line;
    });
  }

  /**
   * The billing period and term that a purchase stands for, so that nothing else is bought instead.
   * @param terms which term applies where a frequency leaves it open
   * @throws WriteRefused when that is ambiguous, or contradicts the frequency
   */
  async resolve(
    { tenantId, connectorId }: ConnectorRef,
    purchase: Purchase,
    terms: TermOfFrequencyV1 | undefined,
  ): Promise<ResolvedPeriods> {
    const questions = resolutionRequests(purchase, terms);
    const { answers } = await this.requests.request(ResolvePartNumber, { tenantId, connectorId, questions });
    return resolvedPeriods(purchase, terms, answers);
  }

  /** Equal products are requested once: customers have the same few. */
  async #names(
    { tenantId, connectorId }: ConnectorRef,
    shown: readonly ProductReferenceV1[],
  ): Promise<(product: ProductReferenceV1) => string | undefined> {
    const products = [...new Map(shown.map((one) => [JSON.stringify(one), one])).entries()];
    const names = new Map<string, string | undefined>();
    for (let from = 0; from < products.length; from += batchSize) {
      const some = products.slice(from, from + batchSize);
      const request = { tenantId, connectorId, products: some.map(([, product]) => product) };
      const response = await this.requests.request(NameProducts, request);
      some.forEach(([key], index) => names.set(key, response.names[index]?.partNumber));
    }
    return (product) => names.get(JSON.stringify(product));
  }
}

/** Drops invalid periods; CMP's values can be anything. */
const periods = (given: { billingPeriod?: string | undefined; term?: string | undefined }) =>
  Object.fromEntries(
    Object.entries(given).filter(([, period]) => period !== undefined && isoPeriod.test(period)),
  ) as { billingPeriod?: string; term?: string };
