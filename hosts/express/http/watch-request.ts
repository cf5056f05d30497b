import type { Counting } from '../../wiring/observe/counting.ts';
import type { AnsweredRequest } from '../../wiring/observe/http-metrics.ts';

/** A request that has come. */
export interface BegunRequest {
  readonly requestId: string;
  /** The client's own, if any. */
  readonly traceparent: string | undefined;
}

/** A request whose answer has ended. */
export interface EndedRequest extends AnsweredRequest {
  /** The kind of what kept it from its success; null where nothing did, or it was a fault of the program. */
  readonly error: string | null;
  /** The class of calls that it was counted in, where it was counted in one. */
  readonly limit: string | undefined;
}

/** Somebody who looks on at a request. */
export interface WatchedRequest {
  /** Has it answered; what is begun meanwhile is a part of it. */
  readonly run: (answer: () => void) => void;
  readonly ended: (ended: EndedRequest) => void;
}

/** Is told of every request when it comes. */
export type WatchRequest = (begun: BegunRequest) => WatchedRequest;

/** Counts requests, and makes a trace of each. */
export const countedRequests =
  ({ metrics: { http }, tracing }: Counting): WatchRequest =>
  ({ requestId, traceparent }) => {
    http.began();
    const span = tracing.root({ kind: 'server', name: 'request', fields: { request_id: requestId }, traceparent });
    return {
      run: (answer) => {
        span.run(answer);
      },
      ended: ({ error, limit, ...answered }) => {
        const { method, route, status } = answered;
        http.ended(answered);
        if (error === 'too-many-calls') http.refused(limit ?? 'unknown');
        span.end({
          failure: status < 500 && error !== 'port-unavailable' ? null : (error ?? 'bug'),
          name: `${method} ${route}`,
          fields: { method, route, status },
        });
      },
    };
  };
