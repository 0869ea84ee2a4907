import { Module } from '@nestjs/common';
import { ApiKeys } from './api-keys.service.ts';

/** Authenticates Work 365 by the API key of a connector. */
@Module({ providers: [ApiKeys], exports: [ApiKeys] })
export class Work365Module {}
