import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { ProductsController } from './products.controller.ts';
import { ProductsResponder } from './products.responder.ts';

@Module({ controllers: [ProductsController, ProductsResponder], providers: [TenantStore] })
export class ProductsModule {}
