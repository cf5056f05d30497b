/** Where a project's events are sent, and by which key it is known. */
export interface SentryProject {
  readonly envelopeUrl: string;
  readonly publicKey: string;
}

/** Reads `https://KEY@host[:port][/path]/PROJECT`. Throws a RangeError, without the DSN in it, where it is not of this form. */
export function readDsn(dsn: string): SentryProject {
  if (!URL.canParse(dsn)) throw new RangeError('a DSN is a URL');
  const { protocol, username, host, pathname } = new URL(dsn);
  const [, path = '', project] = /^(.*)\/(\d+)\/?$/.exec(pathname) ?? [];
  if (!/^https?:$/.test(protocol) || !/^\w+$/.test(username) || project === undefined) {
    throw new RangeError('a DSN has a scheme, a key, a host and the number of a project');
  }
  return { envelopeUrl: `${protocol}//${host}${path}/api/${project}/envelope/`, publicKey: username };
}
