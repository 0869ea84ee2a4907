import type { Provider, Type } from '@nestjs/common';
import { BadConfiguration, KeyRing, type ServiceEnv } from '@isthmus/service-kit';

/** Credentials come sealed: a worker without a key ring could do nothing, and says so at its start. */
export const keyRingOf = (env: Type<ServiceEnv>): Provider => ({
  provide: KeyRing,
  inject: [env],
  useFactory(settings: ServiceEnv): KeyRing {
    const ring = KeyRing.ofEnvironment(settings);
    if (ring) return ring;
    const message =
      'it or SECRET_RING_FILE must be set; credentials of connectors cannot be opened without a key';
    throw new BadConfiguration([{ variable: 'SECRET_RING', message }]);
  },
});
