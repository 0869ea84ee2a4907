import { Problem } from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ConsoleGatewayEnv } from '../config.ts';
import type { ServiceName } from '../proxy/generated/routes.ts';
import { Services } from '../proxy/services.service.ts';

/** A page of a list of any service. */
interface Rows {
  data: Record<string, unknown>[];
  nextCursor: string | null;
}

/** Counting stops here; a page of the console is for looking, not for statistics. */
export const mostCounted = 1_000;
const rowsPerPage = 200;
/** A quarter of the time that a service may take: whoever waits for the whole must not have given up before a slow part is left out. */
const shareOfTime = 0.25;
/** A service of an older release does not know the route or a filter. */
const notOffered = new Set([400, 404, 405]);

/** Reads what an answer is put together from, so that one service that is down or slow takes only its own part with it. */
@Injectable()
export class Parts {
  constructor(
    private readonly services: Services,
    private readonly env: ConsoleGatewayEnv,
  ) {}

  for(request: FastifyRequest): PartReader {
    return new PartReader(this.services, request, this.env.PROXY_TIMEOUT_MS * shareOfTime);
  }
}

/** The parts of one answer. */
export class PartReader {
  readonly #unavailable = new Set<ServiceName>();

  constructor(
    private readonly services: Services,
    private readonly request: FastifyRequest,
    private readonly timeoutMs: number,
  ) {}

  /** The services that did not respond. */
  get unavailable(): ServiceName[] {
    return [...this.#unavailable].sort();
  }

  /** Null if the service is down or slow, or does not offer it. */
  async read<T>(service: ServiceName, path: string): Promise<T | null> {
    try {
      return await this.services.read<T>(service, path, this.request, this.timeoutMs);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status >= 500) this.#unavailable.add(service);
      else if (!notOffered.has(error.status)) throw error;
      return null;
    }
  }

  /** The rows of a list, at most `mostCounted`. */
  async all<T>(service: ServiceName, path: string): Promise<T[] | null> {
    const rows: T[] = [];
    const separator = path.includes('?') ? '&' : '?';
    for (let cursor = ''; ;) {
      const page = await this.read<Rows>(service, `${path}${separator}limit=${rowsPerPage}${cursor}`);
      if (!page) return null;
      rows.push(...(page.data as T[]));
      if (page.nextCursor === null || rows.length >= mostCounted) return rows.slice(0, mostCounted);
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
  }

  /** How many rows a list has, at most `mostCounted`. */
  async count(service: ServiceName, path: string): Promise<number | null> {
    return (await this.all(service, path))?.length ?? null;
  }
}
