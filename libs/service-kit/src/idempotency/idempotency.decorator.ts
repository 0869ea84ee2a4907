/** Parameter decorator: the `IdempotentRequest` of a command; 400 without an Idempotency-Key header. */
export declare const Idempotency: () => ParameterDecorator;
