/** There are as many as a person may have. */
export interface LimitReached {
  readonly kind: 'limit-reached';
  /** In the plural, such as `webhooks`. */
  readonly what: string;
  readonly limit: number;
}
