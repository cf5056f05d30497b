import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'; // planted

export const provider = new BasicTracerProvider();
