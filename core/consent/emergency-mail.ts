import type { MailText } from '../auth/mail-texts.ts';
import type { EpochMs } from '../kernel/clock.ts';

/**
 * The mail that tells a patient that their data were opened in an emergency, with lines of at most 76 characters. Mail is read
 * by others on its way: it names neither who opened them nor why, and nothing of what they are.
 */
export function emergencyMail(openedAtMs: EpochMs, endsAtMs: EpochMs): MailText {
  const text = [
    'Hello,',
    'your data at Clarity were opened in an emergency, without your consent, by\nsomebody who treats people. It was',
    `    from ${utcMinute(openedAtMs)}\n    until ${utcMinute(endsAtMs)}`,
    'Who it was and the reason that they gave are in the list of accesses to\nyour data, which you can read as soon as you are logged in.',
    'If there was no emergency, tell whoever runs this service.',
  ].join('\n\n');
  return { subject: 'Your data were opened in an emergency', text: `${text}\n` };
}

const utcMinute = (ms: EpochMs): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
