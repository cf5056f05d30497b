import type { AuditFault } from '../../core/audit/chain-walk.ts';
import type { NotedHead, VerifiedDay } from '../../core/audit/verify-audit.ts';

/** `2025-03-10/40/<hash>`: what `--expect` takes. */
export const notedHeadText = ({ day, count, hash }: NotedHead): string => `${day}/${String(count)}/${hash}`;

export function notedHeadOf(text: string): NotedHead | null {
  const match = /^(\d{4}-\d{2}-\d{2})\/([1-9]\d{0,11})\/([0-9a-f]{64})$/.exec(text);
  return match === null ? null : { day: match[1] ?? '', count: Number(match[2]), hash: match[3] ?? '' };
}

export const dayLine = ({ day, entries, head }: VerifiedDay): string =>
  `${day}  ${String(entries).padStart(8)} entries  head ${head === null ? 'none' : head.hash}`;

const range = (from: number, to: number): string =>
  from === to ? `entry ${String(from)}` : `entries ${String(from)} to ${String(to)}`;

/** What is wrong, and where, in a line. */
export function faultLine(fault: AuditFault): string {
  switch (fault.kind) {
    case 'altered':
      return `${fault.day} entry ${String(fault.number)}: altered; its text, hash, place and subject do not belong together`;
    case 'unlinked':
      return `${fault.day} entry ${String(fault.number)}: does not follow on the entry before it; one of the two was written anew`;
    case 'misplaced':
      return `${fault.day} entry ${String(fault.number)}: out of order, or there twice`;
    case 'removed':
      return `${fault.day} ${range(fault.number, fault.to)}: removed`;
    case 'inserted':
      return `${fault.day} ${range(fault.number, fault.to)}: inserted after the last that was signed`;
    case 'resealed':
      return `${fault.day} entry ${String(fault.number)}: an operator had the log go on here after an end that was not signed`;
    case 'head-missing':
      return `${fault.day}: no head; it was removed, or the day was inserted`;
    case 'head-forged':
      return `${fault.day}: the head is not signed by this installation`;
    case 'day-unlinked':
      return `${fault.day}: does not follow on the days before it; something of them was removed or written anew`;
    case 'rewritten':
      return `${fault.day}: its last entry is not the one that was signed; entries were written anew`;
    case 'end-missing':
      return 'the end of the log: removed';
  }
}
