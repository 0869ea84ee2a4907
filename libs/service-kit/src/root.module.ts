import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { KitModule, type KitParts } from './kit.module.ts';
import { messagingModule } from './messaging.ts';
import type { ServiceEnv } from './service-env.ts';

@Module({})
class RootModule {}

/** The kit, messaging and the service itself as one module. */
export function rootModule<E extends ServiceEnv>(parts: KitParts<E>): DynamicModule {
  const { module } = parts.options;
  const own = isModuleClass(module) ? module : (module as (env: E) => DynamicModule)(parts.env);
  return {
    module: RootModule,
    imports: [KitModule.for(parts), messagingModule(parts.options as never, parts.env), own],
  };
}

function isModuleClass(module: unknown): module is Type {
  return typeof module === 'function' && /^class\b/.test(Function.prototype.toString.call(module));
}
