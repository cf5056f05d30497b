/** Words by which a message asks about one topic. Beginnings of words, in lower case. */
const WORDS = {
  sleep: ['sleep', 'slept', 'night', 'nap', 'bed', 'asleep', 'awake', 'insomnia'],
  activity: ['activ', 'step', 'walk', 'mov', 'exercis', 'train', 'sport'],
  circadian: ['circadian', 'rhythm', 'regular', 'routine', 'body clock', 'chronotype'],
} as const;

/** The type of insight that a message asks for: its topic where it names exactly one, else everything. */
export function topicOfMessage(message: string): 'sleep' | 'activity' | 'circadian' | 'comprehensive' {
  const text = ` ${message.toLowerCase().replaceAll(/[^a-z]+/g, ' ')}`;
  const asked = (Object.keys(WORDS) as (keyof typeof WORDS)[]).filter((topic) =>
    WORDS[topic].some((word) => text.includes(` ${word}`)),
  );
  const [topic] = asked;
  return topic !== undefined && asked.length === 1 ? topic : 'comprehensive';
}
