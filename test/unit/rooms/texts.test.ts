import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeDigest } from '../../../adapters/node/digest.ts';
import { userId } from '../../../core/kernel/ids.ts';
import { cutAtSentence } from '../../../core/rooms/cut-text.ts';
import { namesInRoom } from '../../../core/rooms/names-in-room.ts';
import { topicOfMessage } from '../../../core/rooms/topic-of-message.ts';
import { ADA, BOB } from '../memory-world.ts';

const texts = suite('texts in rooms');

texts('a text that finds room stays as it is', () => {
  assert.is(cutAtSentence('One. Two.', 9), 'One. Two.');
  assert.is(cutAtSentence('', 9), '');
});

texts('a longer one is cut after the last sentence that finds room; a decimal point ends none', () => {
  assert.is(cutAtSentence('One is 1.5. Two? Three!', 16), 'One is 1.5. Two?');
  assert.is(cutAtSentence('One is 1.5. Two? Three!', 15), 'One is 1.5.');
  assert.is(cutAtSentence('One.\nTwo.', 8), 'One.');
});

texts('a first sentence that is too long is cut at a word, or inside one that is too long itself', () => {
  assert.is(cutAtSentence('There is no end to it', 12), 'There is no…');
  assert.is(cutAtSentence('x'.repeat(20), 5), 'xxxx…');
  assert.is(cutAtSentence('👩'.repeat(20), 6), '👩👩…', 'never half a character');
});

texts('what is left of any text is a beginning of it, and short enough', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (text, most) => {
      const cut = cutAtSentence(text, most);
      assert.ok(cut.length <= most);
      assert.ok(cut === text || text.startsWith(cut) || (cut.endsWith('…') && text.startsWith(cut.slice(0, -1))));
    }),
  );
});

texts('a person has one pseudonym in a room, another in every other, and no two people share one', () => {
  const name = (room: string, user: string) => namesInRoom(nodeDigest, room, userId(user), null).pseudonym;
  assert.match(name('den', ADA), /^member-[0-9a-f]{16}$/);
  assert.is(name('den', ADA), name('den', ADA));
  const all = [name('den', ADA), name('hall', ADA), name('den', BOB), name('a 1', 'b'), name('a', '1 b')];
  assert.is(new Set(all).size, all.length);
});

texts('others see the display name, unless there is none or it looks like an e-mail address', () => {
  const name = (displayName: string | null) => namesInRoom(nodeDigest, 'den', ADA, displayName);
  assert.is(name(' Ada L. ').username, 'Ada L.');
  assert.is(name('x'.repeat(300)).username, 'x'.repeat(100));
  for (const none of [null, '', '  ', 'ada@example.org']) {
    assert.is(name(none).username, `Member ${name(none).pseudonym.slice('member-'.length, 'member-'.length + 4)}`);
  }
});

texts('a message that names one topic asks about it; any other about everything', () => {
  assert.is(topicOfMessage('How did I SLEEP last night?'), 'sleep');
  assert.is(topicOfMessage('steps this week?'), 'activity');
  assert.is(topicOfMessage("What's my body-clock like"), 'circadian');
  assert.is(topicOfMessage('sleep and exercise'), 'comprehensive');
  assert.is(topicOfMessage('hello'), 'comprehensive');
  assert.is(topicOfMessage('who removed this'), 'comprehensive', 'words begin so, they do not contain it');
  assert.is(topicOfMessage(''), 'comprehensive');
});

texts.run();
