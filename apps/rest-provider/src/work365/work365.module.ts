import { Module } from '@nestjs/common';
import { ApiKeys } from './api-keys.service.ts';

/** Who may call: Work 365, with the API key of a connector. */
@Module({ providers: [ApiKeys], exports: [ApiKeys] })
export class Work365Module {}
