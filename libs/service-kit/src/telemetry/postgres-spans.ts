import { context, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { Client } from 'pg';
import { statementShape } from './statement-shape.ts';

const tracer = trace.getTracer('isthmus');
const patched = Symbol.for('isthmus.postgres-spans');

type Query = (this: Client, ...args: unknown[]) => unknown;

/**
 * Client spans for PostgreSQL statements, only inside a recorded trace: outside of one, a statement costs a single check of the
 * active span. (instrumentation-pg does its whole work for every statement and must be loaded before the driver.) The statement
 * is recorded without values: neither its parameters nor the literals in its text, where MikroORM puts them.
 * @param driver a client class; MikroORM may have its own copy of `pg` in addition to the service's
 */
export function tracePostgres(driver: { prototype: object }): void {
  const prototype = driver.prototype as unknown as { query: Query; [patched]?: boolean };
  if (prototype[patched]) return;
  const query = prototype.query;
  prototype[patched] = true;
  prototype.query = function (...args) {
    const parent = trace.getActiveSpan();
    if (!parent?.isRecording()) return query.apply(this, args);
    const text = statementShape(statementText(args[0]));
    const span = tracer.startSpan(`pg ${/^[a-z]+/i.exec(text)?.[0].toLowerCase() ?? 'query'}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        'db.system.name': 'postgresql',
        'db.namespace': this.database,
        'db.query.text': text,
        'server.address': this.host,
        'server.port': this.port,
      },
    });
    return observe(span, () => query.apply(this, endingCallback(span, args)));
  };
}

function statementText(first: unknown): string {
  const text = typeof first === 'string' ? first : (first as { text?: unknown } | null)?.text;
  return typeof text === 'string' ? text : '';
}

/** The callback form ends the span in the callback, and runs it in the caller's context. */
function endingCallback(span: Span, args: unknown[]): unknown[] {
  const last = args.at(-1);
  if (typeof last !== 'function') return args;
  const callback = context.bind(context.active(), last as (error: unknown, ...rest: unknown[]) => void);
  return [
    ...args.slice(0, -1),
    (error: unknown, ...rest: unknown[]) => (end(span, error), callback(error, ...rest)),
  ];
}

function observe(span: Span, run: () => unknown): unknown {
  try {
    const result = run();
    if (result instanceof Promise) {
      result.then(
        () => end(span),
        (error: unknown) => end(span, error),
      );
    } else if (isSubmittable(result)) {
      span.end();
    }
    return result;
  } catch (error) {
    end(span, error);
    throw error;
  }
}

/** Cursors and query streams report elsewhere; their span says only that they were submitted. */
function isSubmittable(result: unknown): boolean {
  return typeof (result as { submit?: unknown } | undefined)?.submit === 'function';
}

function end(span: Span, error?: unknown): void {
  if (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string') span.setAttribute('db.response.status_code', code);
    // A driver's message may quote values: the SQLSTATE must do.
    span.setStatus({ code: SpanStatusCode.ERROR, message: typeof code === 'string' ? code : 'failed' });
  }
  span.end();
}
