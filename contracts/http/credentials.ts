import { text } from '../scalars.ts';

/** An e-mail address; whether it is one is for the service to say. */
export const email = text(3, 254);
/** A password that somebody may have; whether it is good enough is another question. */
export const password = text(0, 1024);
/** Codes have 6 to 8 digits; people copy them with spaces. */
export const code = text(1, 64);

/** What the examples of the documents are made of. */
export const EMAIL = 'ada@example.org';
export const PASSWORD = 'Correct-horse-7';
export const CODE = '123456';
