import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Open, Produces } from '../auth/route-access.ts';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';

@Controller('metrics')
export class MetricsController {
  constructor(@Inject(PrometheusExporter) private readonly exporter: PrometheusExporter) {}

  /** All metrics of the process in Prometheus' text format. */
  @Open()
  @Produces('text/plain')
  @Get()
  read(@Res() reply: FastifyReply): void {
    reply.hijack();
    this.exporter.getMetricsRequestHandler(reply.request.raw, reply.raw);
  }
}
