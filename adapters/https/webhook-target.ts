import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { err, ok, type Result } from 'neverthrow';
import type { TargetRefused } from '../../core/webhooks/ports.ts';
import { addressRefusal } from './public-address.ts';

/** An address that a name stands for. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** All addresses of a name; rejects as `dns.lookup` does. */
export type ResolveName = (name: string) => Promise<readonly ResolvedAddress[]>;

/** As the operating system resolves names, its hosts file included. */
export const resolveName: ResolveName = async (name) =>
  (await lookup(name, { all: true, verbatim: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

/** A target that was judged, with the addresses that it was judged by; a connection is made to these and to no others. */
export interface JudgedTarget {
  readonly url: URL;
  readonly addresses: readonly ResolvedAddress[];
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Judges where webhooks may go: over HTTPS to public addresses, and to what the operator lists as they like. */
export class WebhookTargets {
  readonly #allowed: ReadonlySet<string>;
  readonly #resolve: ResolveName;

  /** `allowedHosts`: `host` or `host:port`, in lower case; they may be private, and be spoken to without TLS. */
  constructor(allowedHosts: readonly string[], resolve: ResolveName = resolveName) {
    this.#allowed = new Set(allowedHosts);
    this.#resolve = resolve;
  }

  /** Rejects where the name cannot be looked up right now. */
  async judge(text: string): Promise<Result<JudgedTarget, TargetRefused>> {
    if (!URL.canParse(text)) return refused('is no URL');
    // The parser writes IPv4 addresses in their one usual form, however they were spelt.
    const url = new URL(text);
    const isAllowed = this.#isAllowed(url);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isAllowed)) return refused('must be https');
    if (url.username !== '' || url.password !== '') return refused('must not name a user or a password');
    if (text.includes('#')) return refused('must not have a fragment');
    const addresses = await this.#addressesOf(url.hostname);
    if (addresses.length === 0) return refused('has a name that does not exist');
    if (isAllowed) return ok({ url, addresses });
    for (const { address } of addresses) {
      const reason = addressRefusal(address);
      if (reason !== null) return refused(`is, or resolves to, an address that is not public (${reason})`);
    }
    return ok({ url, addresses });
  }

  #isAllowed({ protocol, hostname, port }: URL): boolean {
    const effective = port === '' ? (DEFAULT_PORTS[protocol] ?? '') : port;
    return this.#allowed.has(hostname) || this.#allowed.has(`${hostname}:${effective}`);
  }

  async #addressesOf(hostname: string): Promise<readonly ResolvedAddress[]> {
    const literal = hostname.replace(/^\[(.*)\]$/, '$1');
    const family = isIP(literal);
    if (family !== 0) return [{ address: literal, family: family === 6 ? 6 : 4 }];
    try {
      return await this.#resolve(hostname);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
      throw cause;
    }
  }
}

const refused = (reason: string): Result<never, TargetRefused> => err({ kind: 'target-refused', reason });
