import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { Stanza, type Identity, type Recipient } from 'age-encryption';

/** The work that every guess of a passphrase costs, as its base-2 logarithm: about half a second, and 256 MiB. */
const LOG_N = 18;
/** A file that asks for more is refused: it would keep the machine busy for minutes, or take memory that is not there. */
const MOST_LOG_N = 20;
const BLOCK_SIZE = 8;

const LABEL = 'age-encryption.org/v1/scrypt';
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const FILE_KEY_BYTES = 16;
/** A key made by scrypt with a fresh salt seals one thing. */
const NONCE = Buffer.alloc(12);

/**
 * A passphrase as age's format has it (https://c2sp.org/age, "The scrypt recipient type"), with the scrypt of OpenSSL: the one
 * in JavaScript that the library brings takes ten times as long, and the event loop with it.
 */
export function passphraseRecipient(passphrase: string, logN = LOG_N): Recipient {
  return {
    wrapFileKey: async (fileKey) => {
      const salt = randomBytes(SALT_BYTES);
      const cipher = createCipheriv('chacha20-poly1305', await keyOf(passphrase, salt, logN), NONCE, {
        authTagLength: TAG_BYTES,
      });
      const sealed = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      return [new Stanza(['scrypt', unpadded(salt), String(logN)], new Uint8Array(sealed))];
    },
  };
}

/** Opens what the same passphrase has locked, here or in another program. */
export function passphraseIdentity(passphrase: string): Identity {
  return {
    unwrapFileKey: async (stanzas) => {
      const stanza = stanzas.find(({ args: [kind] }) => kind === 'scrypt');
      if (stanza === undefined) return null;
      const [, salt = '', work = ''] = stanza.args;
      const logN = /^[1-9]\d?$/.test(work) ? Number(work) : null;
      const saltBytes = Buffer.from(salt, 'base64');
      const isWellFormed =
        // Whoever has the passphrase is to be the only one who can have made the file.
        stanzas.length === 1 &&
        stanza.args.length === 3 &&
        unpadded(saltBytes) === salt &&
        saltBytes.length === SALT_BYTES &&
        stanza.body.length === FILE_KEY_BYTES + TAG_BYTES;
      if (!isWellFormed || logN === null || logN > MOST_LOG_N) throw new Error('the scrypt stanza cannot be used');
      return opened(stanza.body, await keyOf(passphrase, saltBytes, logN));
    },
  };
}

function opened(body: Uint8Array, key: Buffer): Uint8Array | null {
  const decipher = createDecipheriv('chacha20-poly1305', key, NONCE, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(body.subarray(FILE_KEY_BYTES));
  const fileKey = decipher.update(body.subarray(0, FILE_KEY_BYTES));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return new Uint8Array(fileKey);
}

function keyOf(passphrase: string, salt: Buffer, logN: number): Promise<Buffer> {
  const settings = { N: 2 ** logN, r: BLOCK_SIZE, p: 1, maxmem: 2 * 128 * BLOCK_SIZE * 2 ** logN };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, Buffer.concat([Buffer.from(LABEL), salt]), 32, settings, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
