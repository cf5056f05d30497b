import { hash } from 'node:crypto';

const digest = (text: string): string => hash('sha256', text, 'base64url');

/**
 * The keys under which one owner's metrics are found by their ids: 30 bits of a hash of the owner, then 96 of one of owner
 * and id. Ids are mostly random, so each new one touches another page of its index, and all touched pages are written. The
 * ids themselves would fill four times as many; keys of one owner stand together.
 */
export function metricKeysOf(owner: string): (metricId: string) => string {
  const bucket = digest(owner).slice(0, 5);
  return (metricId) => bucket + digest(`${owner} ${metricId}`).slice(0, 16);
}
