import { Controller, Get, Inject } from '@nestjs/common';
import { Open } from '../auth/route-access.ts';
import { Answer } from '../http/answer.ts';
import { Readiness } from './readiness.ts';

/** Asked by the platform; says nothing that a stranger may not know. */
@Controller('healthz')
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  /** The process runs and its event loop turns. */
  @Open()
  @Get('live')
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  /** Whether traffic may come: 200 `up` or `degraded`, 503 `down`. */
  @Open()
  @Get('ready')
  async ready(): Promise<Answer> {
    const state = await this.readiness.check();
    return new Answer(
      state.status === 'down' ? 503 : 200,
      state,
      state.status === 'down' ? { 'retry-after': '2' } : {},
    );
  }
}
