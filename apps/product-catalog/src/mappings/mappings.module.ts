import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { AliasesController } from './aliases.controller.ts';
import { MappingController } from './mappings.controller.ts';

@Module({ controllers: [AliasesController, MappingController], providers: [TenantStore] })
export class MappingsModule {}
