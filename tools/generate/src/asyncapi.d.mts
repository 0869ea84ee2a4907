interface Schema {
  properties?: Record<string, Schema>;
  [keyword: string]: unknown;
}

export function asyncApi(): Promise<{ 'asyncapi.yaml': string }>;
export function asyncApiDocument(): {
  channels: Record<string, { address: string | null }>;
  components: { schemas: Record<string, Schema> };
};
