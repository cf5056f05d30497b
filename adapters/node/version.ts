import { readFileSync } from 'node:fs';

/** The project's version. The package file lies above this one both in the sources and in the build. */
export const VERSION: string = readVersion();

function readVersion(): string {
  for (const above of ['../../package.json', '../../../package.json']) {
    try {
      const facts = JSON.parse(readFileSync(new URL(above, import.meta.url), 'utf8')) as { version?: string };
      if (facts.version !== undefined) return facts.version;
    } catch {
      // Not this one: the build lies one folder deeper than the sources.
    }
  }
  return 'unknown';
}
