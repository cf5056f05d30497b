import type { ImportNotice } from '../../core/health-data/model.ts';

/** Counts what was noticed while reading, each kind with the place where it was first seen. */
export interface NoticeTally<Code extends string> {
  /** Counts `count` more of a kind (one unless given); `line` or another place is kept if it is the first. */
  add(code: Code, firstAt: number | string, count?: number): void;
  /** In the order of first sight. */
  notices(): readonly ImportNotice[];
}

/** A tally whose notices carry the messages given here. A place given as a number is a line of the file. */
export function noticeTally<Code extends string>(messages: Readonly<Record<Code, string>>): NoticeTally<Code> {
  const seen = new Map<Code, { count: number; readonly firstAt: number | string }>();
  return {
    add(code, firstAt, count = 1) {
      const entry = seen.get(code);
      if (entry === undefined) seen.set(code, { count, firstAt });
      else entry.count += count;
    },
    notices: () =>
      [...seen].map(([code, { count, firstAt }]) => {
        const place = typeof firstAt === 'number' ? `line ${String(firstAt)}` : firstAt;
        return { code, message: messages[code], count, firstAt: place };
      }),
  };
}
