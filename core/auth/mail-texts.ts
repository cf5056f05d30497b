import type { CodePurpose } from './mail-ports.ts';

/** A mail's words, in plain text with lines of at most 76 characters. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
}

interface Words {
  readonly subject: string;
  readonly reason: string;
  readonly todo: string;
  readonly notYou: string;
}

const WORDS: Readonly<Record<CodePurpose, Words>> = {
  confirm: {
    subject: 'Confirm your e-mail address',
    reason: 'An account at Clarity was made with this e-mail address. Its code is:',
    todo: 'Enter it where you made the account, to show that the address is yours.',
    notYou:
      'If it was not you, you need not do anything: somebody has typed your\n' +
      'address, perhaps by mistake. Give the code to nobody.',
  },
  change: {
    subject: 'Confirm your new e-mail address',
    reason: 'An account at Clarity is to use this e-mail address from now on. The code is:',
    todo: 'Enter it where you changed the address. Until then the old one stays in use.',
    notYou:
      'If it was not you, you need not do anything: without the code the address\n' +
      'is not taken over. Give the code to nobody.',
  },
  reset: {
    subject: 'Set a new password',
    reason: 'A new password was asked for, for your account at Clarity. The code is:',
    todo: 'Enter it together with the new password. All your devices are then logged out.',
    notYou:
      'If it was not you, you need not do anything: your password stays as it is.\n' +
      'Give the code to nobody, also not to somebody who says that they are from\n' +
      'Clarity.',
  },
};

/**
 * The mail that brings a code. It says what the code is for, how long it is good, and what to do when its reader has not
 * asked for it. It names nobody and quotes nothing that a stranger has typed.
 */
export function codeMail(purpose: CodePurpose, code: string, goodForMinutes: number): MailText {
  const { subject, reason, todo, notYou } = WORDS[purpose];
  const goodFor = `It is good for ${durationText(goodForMinutes)} and can be used once.`;
  const text = ['Hello,', reason, `    ${code}`, `${todo}\n${goodFor}`, notYou].join('\n\n');
  return { subject, text: `${text}\n` };
}

/** To the address that an account has, when another one is to take its place. */
export function addressChangeMail(): MailText {
  const text = [
    'Hello,',
    'Another e-mail address is to take the place of this one in your account at\nClarity. It does when a code that was sent there is entered.',
    'If it was not you, set a new password now ("forgot password"): that logs out\nall devices, and the other address is not taken over.',
  ].join('\n\n');
  return { subject: 'Your e-mail address is to be changed', text: `${text}\n` };
}

function durationText(minutes: number): string {
  if (minutes % 60 !== 0) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  return minutes === 60 ? '1 hour' : `${minutes / 60} hours`;
}
