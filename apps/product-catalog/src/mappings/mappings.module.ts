import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { AliasesController } from './aliases.controller.ts';
import { ManyMappingsController, MappingController } from './mappings.controller.ts';

@Module({
  controllers: [AliasesController, ManyMappingsController, MappingController],
  providers: [TenantStore],
})
export class MappingsModule {}
