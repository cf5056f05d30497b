import type { Hit } from './search-places.ts';

/**
 * What lies in a data folder as it was sent, and why; docs/encryption.md says the same. By the field that the marker names: the file
 * of a database does not tell tables apart, and what is beside a value may look like a part of it.
 */
const KNOWN_FIELDS: Readonly<Record<string, string>> = {
  quantitysamplessourcename:
    'sources of samples are compared when samples are put together, and told with every result',
  quantitysamplesdevicename: 'as above',
  exportsource: 'as above',
  exportdevice: 'as above',
  hardware: 'as above: the model of a device',
  uploadsource: 'the label of an upload; metrics are looked for by it',
  synctoken: "a place in the client's own data, which is given back to it",
  room: 'rooms are found by their names, and everybody may see which there are',
};

/** Mails that are there to be read, where no mail server is set. */
const OUTBOX = /^mail\/[^/]+\.eml$/;

/** The database, and a column of it. */
const DATABASE = /^(?:clarity\.db(?:-wal)?|[a-z_]+\.[a-z_0-9]+)$/;

/** Replies that were kept for an Idempotency-Key are compressed, and must not be readable: nothing compressed is. */
export const isKnownPlace = ({ place, form, field }: Hit): boolean =>
  OUTBOX.test(place) ||
  (DATABASE.test(place) && form === 'text' && Object.keys(KNOWN_FIELDS).some((known) => field.startsWith(known)));
