/** One thing that was looked at before a start, and how it is. */
export interface Finding {
  /** What was looked at, such as `DynamoDB table`. */
  readonly subject: string;
  /** A problem keeps the service from doing its work; a warning does not, and somebody should know of it. */
  readonly state: 'fine' | 'warning' | 'problem';
  /** What was found, one plain sentence without a secret in it. */
  readonly message: string;
  /** What to do about it; null where all is fine. */
  readonly advice: string | null;
}

export const fine = (subject: string, message: string): Finding => ({ subject, state: 'fine', message, advice: null });

export const warning = (subject: string, message: string, advice: string): Finding => ({
  subject,
  state: 'warning',
  message,
  advice,
});

export const problem = (subject: string, message: string, advice: string): Finding => ({
  subject,
  state: 'problem',
  message,
  advice,
});
