import type { ResultAsync } from 'neverthrow';
import type { PortUnavailable } from '../../kernel/errors.ts';
import type { HeadEntry } from './catalogue.ts';
import type { Head } from '../heads/head.ts';
import { parseHead, type HeadUnreadable } from '../heads/parse-head.ts';
import type { ModelRepository, ModelUnavailable } from '../ports.ts';

/** An installed head, held to its hash. */
export function readHead(ports: { readonly models: ModelRepository }) {
  return (entry: HeadEntry): ResultAsync<Head, HeadUnreadable | ModelUnavailable | PortUnavailable> =>
    ports.models.readText(entry).andThen((text) => parseHead(text));
}
