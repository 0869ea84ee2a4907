import { Module } from '@nestjs/common';
import { ConnectorsModule } from '../connectors/connectors.module.ts';
import { VerifyController } from './verification.controller.ts';

@Module({ imports: [ConnectorsModule], controllers: [VerifyController] })
export class VerificationModule {}
