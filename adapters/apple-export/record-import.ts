import type { ImportNotice } from '../../core/health-data/model.ts';
import { SampleColumnsBuilder } from '../../core/health-data/sample-builder.ts';
import type { SampleType } from '../../core/health-data/sample-types.ts';
import { RejectionTally } from '../../core/apple-health/rejections.ts';
import { SampleNormaliser } from '../../core/apple-health/sample-normaliser.ts';
import { parseTimestamp } from '../../core/apple-health/timestamps.ts';
import { OffsetCounts, ZoneCounts } from './local-time-counts.ts';
import { RecordSources } from './record-sources.ts';
import type { ElementHandler, StartTag } from './start-tag.ts';

/** Apple nests five deep; what is deeper is not a tree but a file full of tags that never end. */
const MAX_DEPTH = 64;
/** Blood pressure has two records in a correlation and a meal a few dozen. */
const MAX_CORRELATED_RECORDS = 256;

const BROKEN_MARKUP = 'Markup that XML or the export format does not allow was skipped.';

/**
 * Takes the elements of an export and makes samples of its records. Records inside of a correlation are not taken: the
 * export holds each of them at the top level too. The person's own characteristics (`Me`) are never looked at.
 */
export class RecordImport implements ElementHandler {
  /** The samples so far; whoever reads the file takes them out from time to time. */
  readonly samples = new SampleColumnsBuilder();
  /** `Record` elements outside of correlations; each is either a sample or a rejected one. */
  recordsSeen = 0;
  /** Name of the first element, or null before it. */
  rootName: string | null = null;
  readonly zones = new ZoneCounts();
  readonly offsets = new OffsetCounts();

  readonly #placeOf: () => string;
  readonly #normaliser = new SampleNormaliser({ writtenAtMs: null, zone: null });
  readonly #sources = new RecordSources();
  readonly #tally = new RejectionTally();
  readonly #accepted = new Map<SampleType, number>();
  /** Names of the open elements, outermost first. */
  readonly #open: string[] = [];
  #correlatedRecords = 0;

  /** `placeOf` says where in the file the element is that the import is being told of. */
  constructor(placeOf: () => string) {
    this.#placeOf = placeOf;
  }

  /** Whether the root element was opened and not closed. */
  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  /** Samples accepted so far, by type. */
  acceptedByType(): Partial<Record<SampleType, number>> {
    return Object.fromEntries(this.#accepted);
  }

  notices(): readonly ImportNotice[] {
    return this.#tally.notices();
  }

  notice(code: string, message: string, place: string | null): void {
    this.#tally.countOther(code, message, () => place);
  }

  startTag(tag: StartTag): void {
    const { name } = tag;
    this.rootName ??= name;
    if (tag.flaws !== 'none') this.strayMarkup();
    if (name === 'Record') this.#startRecord(tag);
    else if (name === 'MetadataEntry') this.#metadata(tag);
    else if (name === 'ExportDate') this.#exportDate(tag);
    else if (name === 'Correlation' || name === 'Workout' || name === 'ActivitySummary')
      this.#leaveUnclosed('Correlation');
    if (!tag.isSelfClosing) this.#enter(name);
  }

  endTag(name: string): void {
    const at = this.#open.lastIndexOf(name);
    // An end without a start belongs to a tag that was already told of as broken.
    if (at < 0) return;
    if (at < this.#open.length - 1) this.strayMarkup();
    this.#open.length = at;
  }

  unfinishedTag(name: string): void {
    this.rootName ??= name;
    this.strayMarkup();
    if (name === 'Record' && !this.#isInCorrelation) this.#rejectBroken();
  }

  strayMarkup(): void {
    this.#tally.countOther('malformed-markup', BROKEN_MARKUP, this.#placeOf);
  }

  #startRecord(tag: StartTag): void {
    this.#leaveUnclosed('Record');
    if (this.#isInCorrelation) {
      this.#correlatedRecords += 1;
      if (this.#correlatedRecords <= MAX_CORRELATED_RECORDS) return;
      this.#leaveUnclosed('Correlation');
    }
    if (tag.flaws === 'serious') {
      this.#rejectBroken();
      return;
    }
    this.recordsSeen += 1;
    const normaliser = this.#normaliser;
    const type = tag.text('type') ?? '';
    const startDate = tag.text('startDate') ?? '';
    const endDate = tag.text('endDate') ?? '';
    const reason = normaliser.read(type, tag.text('value'), tag.text('unit'), startDate, endDate);
    if (reason !== null) {
      this.#tally.countSample(reason, normaliser.typeOf(type), type, this.#placeOf);
      return;
    }
    const { startMs, endMs, value, offsetMinutes } = normaliser;
    this.samples.add(normaliser.type, startMs, endMs, value, offsetMinutes, this.#sources.sourceOf(tag));
    this.offsets.count(offsetMinutes);
    this.#accepted.set(normaliser.type, (this.#accepted.get(normaliser.type) ?? 0) + 1);
  }

  #rejectBroken(): void {
    this.recordsSeen += 1;
    this.#tally.countSample('malformed-record', null, '', this.#placeOf);
  }

  #metadata(tag: StartTag): void {
    if (tag.markup('key')?.endsWith('HKTimeZone') !== true || this.#isInCorrelation) return;
    if (tag.text('key') === 'HKTimeZone') this.zones.count(tag.text('value') ?? '');
  }

  #exportDate(tag: StartTag): void {
    const date = parseTimestamp(tag.text('value') ?? '');
    if (date !== null && !date.isLocal) this.#normaliser.setWrittenAt(date.ms);
  }

  get #isInCorrelation(): boolean {
    return this.#open.includes('Correlation');
  }

  #enter(name: string): void {
    if (name === 'Correlation') this.#correlatedRecords = 0;
    if (this.#open.length < MAX_DEPTH) this.#open.push(name);
    else this.strayMarkup();
  }

  /** Records and correlations do not hold their like: one that is still open when the next begins has lost its end. */
  #leaveUnclosed(name: string): void {
    const at = this.#open.lastIndexOf(name);
    if (at < 0) return;
    this.strayMarkup();
    this.#open.length = at;
  }
}
