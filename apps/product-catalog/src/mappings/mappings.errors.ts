import { DomainError } from '@isthmus/domain';

/** CMP no longer lists it, so nothing can be ordered with such a mapping. */
export class ProductWithdrawn extends DomainError {
  static override readonly code = 'product.withdrawn';

  constructor(productId: string) {
    super(`CMP no longer lists product ${productId}.`, {
      nextStep: 'Map the part number to a product that CMP still lists.',
    });
  }
}

export class MappingNotFound extends DomainError {
  static override readonly code = 'mapping.not-found';

  constructor(partNumber: string) {
    super(`There is no active mapping for ${partNumber} with these periods.`, {
      nextStep:
        'Check the history of the part number: it may have been unmapped, or mapped for other periods.',
    });
  }
}

const words = { billingPeriod: 'billing period', term: 'term' } as const;

/** The mapping would apply to requests for other periods than those of the product. */
export class MappingContradicts extends DomainError {
  static override readonly code = 'mapping.contradicts-product';

  constructor(productId: string, fact: keyof typeof words, requested: string, is: string) {
    super(
      `A mapping for ${words[fact]} ${requested} cannot point to product ${productId}, whose ${words[fact]} is ${is}.`,
      {
        nextStep:
          'Map it to the product with that period, or leave the period out if the part number always means this product.',
      },
    );
  }
}

/** The part number is a product's alias, which stands for that product with any periods. */
export class MappingIsAlias extends DomainError {
  static override readonly code = 'mapping.is-alias';

  constructor(partNumber: string) {
    super(
      `${partNumber} is the alias of a product and resolves to that product with any billing period and term.`,
      {
        nextStep: 'Unmap the alias first, or use another part number for particular periods.',
      },
    );
  }
}

/** The one requested product cannot have an alias. */
export class AliasRefused extends DomainError {
  static override readonly code = 'alias.refused';

  constructor(problem: string) {
    super(problem, { nextStep: 'Choose another part number or pattern, or free this one first.' });
  }
}

/** A bulk creation whose effect would differ from its preview. */
export class AliasPreviewOutdated extends DomainError {
  static override readonly code = 'alias.preview-outdated';

  constructor() {
    super('Products, part numbers or subscriptions have changed since the preview. Nothing was created.', {
      nextStep: 'Preview again, check what has changed, and create with the new fingerprint.',
    });
  }
}
