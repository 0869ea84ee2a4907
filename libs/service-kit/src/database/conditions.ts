/** Collects the filters of a list with their values; `$1` is the tenant. */
export class Conditions {
  readonly values: unknown[] = [];
  readonly #terms: string[];

  constructor(tenantTerm: string) {
    this.#terms = [tenantTerm];
  }

  /** Adds a placeholder for `value`. */
  param(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length + 1}`;
  }

  /** Adds the term unless the filter was not given. */
  when<T>(value: T | undefined, term: (placeholder: string) => string): this {
    if (value !== undefined) this.#terms.push(term(this.param(value)));
    return this;
  }

  and(term: string): this {
    this.#terms.push(term);
    return this;
  }

  /** Only rows after this place of the order; all of them without one. */
  after(
    key: readonly unknown[] | undefined,
    columns: string,
    casts: readonly string[],
    way: '>' | '<' = '>',
  ): this {
    if (!key) return this;
    const places = key.map((part, index) => `${this.param(part)}::${casts[index]}`);
    return this.and(`(${columns}) ${way} (${places.join(', ')})`);
  }

  toString(): string {
    return this.#terms.join(' and ');
  }
}

/** A text as an ILIKE pattern that finds it anywhere. */
export const anywhere = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
