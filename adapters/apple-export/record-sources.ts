import { NO_DEVICE, parseDeviceText, sampleSource } from '../../core/apple-health/device.ts';
import type { SampleSource } from '../../core/health-data/samples.ts';
import type { StartTag } from './start-tag.ts';

/** How many sources are remembered before starting anew; real exports have a few dozen. */
const MAX_REMEMBERED = 4096;
/** Records of a few devices take turns. */
const RECENT = 4;

interface Remembered {
  readonly name: string | null;
  readonly device: string | null;
  readonly source: SampleSource;
}

/**
 * The sources of records. A source is worked out once for each way in which it is written, and remembered by that, so
 * that the device's text, the longest part of a record, is read only when it changes.
 */
export class RecordSources {
  readonly #byMarkup = new Map<string, Remembered>();
  readonly #byKey = new Map<string, SampleSource>();
  readonly #recent: (Remembered | undefined)[] = new Array<Remembered | undefined>(RECENT).fill(undefined);
  #oldest = 0;

  sourceOf(tag: StartTag): SampleSource {
    const name = tag.markup('sourceName');
    const device = withoutAddress(tag.markup('device'));
    for (const recent of this.#recent) {
      if (recent !== undefined && recent.device === device && recent.name === name) return recent.source;
    }
    const remembered = this.#remembered(name, device, tag);
    this.#recent[this.#oldest] = remembered;
    this.#oldest = (this.#oldest + 1) % RECENT;
    return remembered.source;
  }

  #remembered(name: string | null, device: string | null, tag: StartTag): Remembered {
    const key = `${name ?? ''}\n${device ?? ''}`;
    const known = this.#byMarkup.get(key);
    if (known !== undefined) return known;
    if (this.#byMarkup.size >= MAX_REMEMBERED) {
      this.#byMarkup.clear();
      this.#byKey.clear();
    }
    const deviceText = tag.text('device');
    const made = sampleSource(tag.text('sourceName'), deviceText === null ? NO_DEVICE : parseDeviceText(deviceText));
    const source = this.#byKey.get(made.key) ?? copyOfSource(made);
    this.#byKey.set(source.key, source);
    const remembered = { name: copyOf(name), device: copyOf(device), source };
    this.#byMarkup.set(copyOf(key) as string, remembered);
    return remembered;
  }
}

const ADDRESS = '&lt;&lt;HKDevice: 0x';

/** The device's markup from after its memory address, which is another in every run of the Health app. */
function withoutAddress(markup: string | null): string | null {
  if (markup === null || !markup.startsWith(ADDRESS)) return markup;
  const end = markup.indexOf('&gt;', ADDRESS.length);
  return end < 0 ? markup : markup.slice(end);
}

function copyOfSource(source: SampleSource): SampleSource {
  return {
    ...source,
    key: copyOf(source.key) as string,
    name: copyOf(source.name) as string,
    model: copyOf(source.model),
  };
}

/** A string of its own. A slice would keep all of the text that it was cut from in memory. */
function copyOf(text: string | null): string | null {
  return text === null ? null : Buffer.from(text, 'utf8').toString('utf8');
}
