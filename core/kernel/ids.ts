declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A person's id: the subject of their identity provider's tokens (a UUID for the local provider and for Cognito). */
export type UserId = Branded<'UserId'>;

/** The id of one upload or submission and of the work that follows it. UUID, or `<user id>-<32 hex>` for HealthKit uploads. */
export type ProcessingId = Branded<'ProcessingId'>;

/** The id of one stored analysis. */
export type AnalysisId = Branded<'AnalysisId'>;

export const userId = (text: string): UserId => text as UserId;
export const processingId = (text: string): ProcessingId => text as ProcessingId;
export const analysisId = (text: string): AnalysisId => text as AnalysisId;

/** Where new ids come from; injected so that a run can be repeated exactly. */
export interface Ids {
  /** A fresh RFC 9562 UUID in lower case. */
  uuid(): string;
}
