import { Injectable } from '@nestjs/common';
import {
  isoPeriod,
  NameProducts,
  ResolvePartNumber,
  type ProductToNameV1,
  type RatedLineV1,
  type TermOfFrequencyV1,
} from '@isthmus/contracts';
import { Asker } from '@isthmus/messaging';
import { lineOf, type KnownSubscription } from '../domain/known-subscription.ts';
import { meantBy, questionsOf, type MeantPeriods } from '../domain/meant-product.ts';
import type { Purchase } from '../domain/purchase.ts';
import type { Owner } from '../persistence/intents.ts';

const atOnce = 500;

/** What product-catalog knows of part numbers: under which one a product is shown, and which product is meant by one. */
@Injectable()
export class PartNumbers {
  constructor(private readonly asker: Asker) {}

  /** What to show for each subscription, by the id that our clients know: what it was bought by while that is there. */
  async ofSubscriptions(
    owner: Owner,
    known: readonly KnownSubscription[],
  ): Promise<Map<string, string | null>> {
    const shown = known.map((one) => {
      const line = lineOf(one);
      const orderedAs = one.purchase?.wish.partNumber;
      if (!line || !one.agreed) return { id: one.id, orderedAs };
      const { billingPeriod, term } = one.agreed;
      const { vendor, mpn, productId: cmpProductId } = line;
      const product = { vendor, mpn, cmpProductId, ...periods({ billingPeriod, term }), orderedAs };
      return { id: one.id, orderedAs, product };
    });
    const names = await this.#names(
      owner,
      shown.flatMap(({ product }) => product ?? []),
    );
    return new Map(
      shown.map(({ id, orderedAs, product }) => [id, (product ? names(product) : orderedAs) ?? null]),
    );
  }

  /** The same for one. */
  async ofSubscription(owner: Owner, known: KnownSubscription): Promise<string | null> {
    return (await this.ofSubscriptions(owner, [known])).get(known.id) ?? null;
  }

  /** Lines of invoices with the part number that their subscription is shown by. */
  async ofLines(
    owner: Owner,
    lines: readonly RatedLineV1[],
    bought: ReadonlyMap<string, { partNumber: string }>,
  ): Promise<RatedLineV1[]> {
    const productOf = (line: RatedLineV1): ProductToNameV1 | undefined =>
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
      owner,
      lines.flatMap((line) => productOf(line) ?? []),
    );
    return lines.map((line) => {
      const product = productOf(line);
      return product ? { ...line, partNumber: names(product) ?? line.partNumber } : line;
    });
  }

  /**
   * The billing period and term that a purchase means, so that nothing else is bought in their stead.
   * @param terms which term is meant where a frequency leaves it open
   * @throws WriteRefused when that cannot be told, or is not what the frequency says
   */
  async meant(
    { tenantId, connectorId }: Owner,
    purchase: Purchase,
    terms: TermOfFrequencyV1 | undefined,
  ): Promise<MeantPeriods> {
    const questions = questionsOf(purchase, terms);
    const { answers } = await this.asker.ask(ResolvePartNumber, { tenantId, connectorId, questions });
    return meantBy(purchase, terms, answers);
  }

  /** Equal products are asked for once: customers have the same few. */
  async #names(
    { tenantId, connectorId }: Owner,
    shown: readonly ProductToNameV1[],
  ): Promise<(product: ProductToNameV1) => string | undefined> {
    const products = [...new Map(shown.map((one) => [JSON.stringify(one), one])).entries()];
    const names = new Map<string, string | undefined>();
    for (let from = 0; from < products.length; from += atOnce) {
      const some = products.slice(from, from + atOnce);
      const question = { tenantId, connectorId, products: some.map(([, product]) => product) };
      const answer = await this.asker.ask(NameProducts, question);
      some.forEach(([key], index) => names.set(key, answer.names[index]?.partNumber));
    }
    return (product) => names.get(JSON.stringify(product));
  }
}

/** Those that are periods; CMP's may be anything. */
const periods = (given: { billingPeriod?: string | undefined; term?: string | undefined }) =>
  Object.fromEntries(
    Object.entries(given).filter(([, period]) => period !== undefined && isoPeriod.test(period)),
  ) as { billingPeriod?: string; term?: string };
