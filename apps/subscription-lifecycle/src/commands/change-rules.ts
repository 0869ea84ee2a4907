import { Injectable } from '@nestjs/common';
import { ResolvePartNumber } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import { Asker } from '@isthmus/messaging';
import { SubscriptionLifecycleEnv } from '../config.ts';
import type { ChangeRules } from '../domain/subscription/facts-for-options.ts';
import type { SubscriptionLine } from '../domain/subscription/subscription-record.ts';
import type { SubscriptionRow } from '../persistence/subscription-row.ts';

/** How long a command waits for the catalogue; without it CMP decides about minimum and maximum. */
const deadlineMs = 2_000;

/** What else decides about a change of a line: the settings, and what the catalogue knows of its product. */
@Injectable()
export class ChangeRulesOf {
  /** What the settings say alone. */
  readonly settings: ChangeRules;

  constructor(
    private readonly asker: Asker,
    { EXTENDED_TERM_PRODUCTS }: SubscriptionLifecycleEnv,
  ) {
    this.settings = { extendedTermProducts: EXTENDED_TERM_PRODUCTS.split(',').map((name) => name.trim()) };
  }

  /** Never fails: of a product that the catalogue does not know, or while it is away, there are no limits. */
  async line(
    { tenantId, connectorId, state }: SubscriptionRow,
    line: SubscriptionLine | undefined,
  ): Promise<ChangeRules> {
    if (!line) return this.settings;
    const { billingPeriod, term } = state;
    const question = {
      partNumber: `INGRAM:${line.vendor}:${line.mpn}`,
      billingPeriod: billingPeriod ? Period.print(billingPeriod) : undefined,
      term: term ? Period.print(term) : undefined,
    };
    try {
      const asked = { tenantId, connectorId, questions: [question] };
      const { answers } = await this.asker.ask(ResolvePartNumber, asked, {
        deadlineMs,
        waitForService: false,
      });
      const { product, candidates = [] } = answers[0] ?? {};
      const found = [...(product ? [product] : []), ...candidates];
      const own = found.find(({ cmpProductId }) => cmpProductId === line.cmpProductId) ?? product;
      if (!own || (own.cmpProductId && line.cmpProductId && own.cmpProductId !== line.cmpProductId))
        return this.settings;
      return { ...this.settings, minimumSeats: own.minimum, maximumSeats: own.maximum };
    } catch {
      return this.settings;
    }
  }
}
