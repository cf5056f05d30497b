import { Decrypter, Encrypter, Stanza } from 'age-encryption';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { passphraseIdentity, passphraseRecipient } from '../../../adapters/age/passphrase.ts';

/** Held against the library's own scrypt, with little work. */
const passphrases = suite('passphrases of age files');

const LITTLE_WORK = 4;
const WORDS = 'Zwölf Boxkämpfer';
const FILE_KEY = new Uint8Array(16).map((_byte, i) => i * 16);

const failed = async (work: () => unknown): Promise<string> => {
  try {
    await work();
  } catch (error) {
    return String(error);
  }
  return 'it did not fail';
};

const lockedStanza = async (): Promise<Stanza> => {
  const [stanza] = await passphraseRecipient(WORDS, LITTLE_WORK).wrapFileKey(FILE_KEY);
  return stanza!;
};

const withArgs = ({ body }: Stanza, args: string[]): Stanza => new Stanza(args, body);
const withBody = ({ args }: Stanza, body: Uint8Array): Stanza => new Stanza(args, body);

passphrases('the library opens what was locked here', async () => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(passphraseRecipient(WORDS, LITTLE_WORK));
  const file = await encrypter.encrypt('the content');
  const decrypter = new Decrypter();
  decrypter.addPassphrase(WORDS);
  assert.is(await decrypter.decrypt(file, 'text'), 'the content');
});

passphrases('what the library has locked opens here, with its passphrase alone', async () => {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(WORDS);
  encrypter.setScryptWorkFactor(LITTLE_WORK);
  const file = await encrypter.encrypt('the content');
  const openedWith = (passphrase: string): Promise<string> => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(passphraseIdentity(passphrase));
    return decrypter.decrypt(file, 'text');
  };
  assert.is(await openedWith(WORDS), 'the content');
  assert.match(await failed(() => openedWith(`${WORDS}x`)), 'no identity matched');
});

passphrases('it takes the work that age takes, and a salt of its own each time', async () => {
  const recipient = passphraseRecipient(WORDS);
  const [first] = await recipient.wrapFileKey(FILE_KEY);
  assert.is(first!.args[2], '18');
  assert.equal(await passphraseIdentity(WORDS).unwrapFileKey([first!]), FILE_KEY);
  assert.is.not((await lockedStanza()).args[1], (await lockedStanza()).args[1]);
});

passphrases('a file for somebody with a key has nothing for a passphrase', async () => {
  assert.is(await passphraseIdentity(WORDS).unwrapFileKey([new Stanza(['X25519', 'abc'], new Uint8Array(32))]), null);
});

passphrases('what was changed does not open', async () => {
  const stanza = await lockedStanza();
  for (let i = 0; i < stanza.body.length; i++) {
    const body = stanza.body.map((byte, place) => (place === i ? byte ^ 1 : byte));
    assert.is(await passphraseIdentity(WORDS).unwrapFileKey([withBody(stanza, body)]), null);
  }
});

passphrases('what is no stanza of age, or asks for too much work, is refused before any is done', async () => {
  const stanza = await lockedStanza();
  const [kind, salt, work] = stanza.args as [string, string, string];
  const other = new Stanza(['X25519', 'abc'], new Uint8Array(32));
  for (const stanzas of [
    [stanza, other],
    [stanza, stanza],
    [withArgs(stanza, [kind, salt])],
    [withArgs(stanza, [kind, salt, work, 'more'])],
    [withArgs(stanza, [kind, `${salt}==`, work])],
    [withArgs(stanza, [kind, salt.slice(0, -4), work])],
    [withBody(stanza, stanza.body.subarray(1))],
    ...['21', '99', '04', '-4', '4.0', '', '1e1'].map((odd) => [withArgs(stanza, [kind, salt, odd])]),
  ]) {
    assert.match(await failed(() => passphraseIdentity(WORDS).unwrapFileKey(stanzas)), 'cannot be used');
  }
});

passphrases.run();
