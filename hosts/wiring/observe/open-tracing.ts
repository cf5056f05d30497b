import { VERSION } from '../../../adapters/node/version.ts';
import type { Config } from '../config.ts';
import { allowListed, NO_TRACING, type Tracing } from './tracing.ts';

/** Opens what sends traces, where the operator has named a collector. Nothing of it is loaded elsewhere. */
export async function openTracing({ observe: { otlp }, environment }: Config, serviceName: string): Promise<Tracing> {
  if (otlp === null) return NO_TRACING;
  const { OtlpTracing } = await import('../../../adapters/opentelemetry/otlp-tracing.ts');
  return allowListed(new OtlpTracing({ ...otlp, serviceName, version: VERSION, environment }));
}
