import type { MailMessage } from '../../core/auth/mail-ports.ts';

/** What a message is given besides its content. */
export interface MessageFacts {
  /** `name@host` or `Words <name@host>`. */
  readonly from: string;
  readonly id: string;
  readonly sentAtMs: number;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/**
 * The message in the form in which mail is kept and read (RFC 5322, with the UTF-8 of RFC 6532). Line breaks in a header
 * become spaces, so that no content can add one.
 */
export function internetMessage({ to, subject, text }: MailMessage, { from, id, sentAtMs }: MessageFacts): string {
  const host = from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '');
  const headers: readonly (readonly [string, string])[] = [
    ['From', from],
    ['To', to],
    ['Subject', subject],
    ['Date', messageDate(sentAtMs)],
    ['Message-ID', `<${id}@${host}>`],
    ['Auto-Submitted', 'auto-generated'],
    ['MIME-Version', '1.0'],
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Transfer-Encoding', '8bit'],
  ];
  const head = headers.map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n\0]+/g, ' ')}`);
  return [...head, '', ...text.split(/\r\n|\r|\n/)].join('\r\n');
}

/** RFC 5322 section 3.3, in UTC. */
function messageDate(ms: number): string {
  const at = new Date(ms);
  const day = `${DAYS[at.getUTCDay()]}, ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  return `${day} ${at.toISOString().slice(11, 19)} +0000`;
}
