import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { MappingExportController, MappingImportsController } from './mapping-files.controller.ts';
import { ImportStore } from './mapping-files.store.ts';

@Module({
  controllers: [MappingImportsController, MappingExportController],
  providers: [TenantStore, ImportStore],
})
export class MappingFilesModule {}
