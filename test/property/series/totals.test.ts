import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SampleColumns } from '../../../core/health-data/samples.ts';
import { MS_PER_MINUTE } from '../../../core/kernel/local-time.ts';
import type { SeriesPage, SeriesResolution } from '../../../core/series/model.ts';
import { columnsOf, OTHER_WATCH, PHONE, TRACKER, WATCH, type TestSample } from '../../unit/sample-columns.ts';
import { allPages, at, sumOf, worldWith } from '../../unit/series/series-of.ts';

/** Clocks in Europe go back within these days, and forward in none of them. */
const ORIGIN = at('2025-10-24T00:00:00Z');
const MINUTES = 4 * 1440;
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/New_York'] as const;
const RESOLUTIONS: readonly SeriesResolution[] = ['minute', 'hour', 'day'];

const sample = fc
  .record({
    start: fc.double({ min: 0, max: MINUTES, noNaN: true }),
    // Some at one instant, some over hours.
    length: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 400, noNaN: true })),
    value: fc.double({ min: 0, max: 10_000, noNaN: true }),
    source: fc.constantFrom(WATCH, OTHER_WATCH, PHONE, TRACKER),
  })
  .map(({ start, length, value, source }): TestSample => ({
    startMs: ORIGIN + Math.round(start * MS_PER_MINUTE),
    endMs: ORIGIN + Math.round((start + length) * MS_PER_MINUTE),
    value,
    source,
  }));

const samples = fc.array(sample, { maxLength: 40 });
const zone = fc.constantFrom(...ZONES);
const minute = fc.integer({ min: 0, max: MINUTES }).map((minutes) => ORIGIN + minutes * MS_PER_MINUTE);

const FROM = ORIGIN;
const TO = ORIGIN + (MINUTES + 500) * MS_PER_MINUTE;

const isNear = (actual: number, expected: number, what: string): void => {
  assert.ok(
    Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual} and ${expected}`,
  );
};

const usedOf = (pages: readonly SeriesPage[]): number =>
  pages.flatMap(({ sources }) => sources).reduce((sum, { used }) => sum + used, 0);
const setAsideOf = (pages: readonly SeriesPage[]): number =>
  pages.flatMap(({ sources }) => sources).reduce((sum, { setAside }) => sum + setAside, 0);

const steps = (all: readonly TestSample[]): SampleColumns[] => (all.length === 0 ? [] : [columnsOf('step_count', all)]);
const rates = (all: readonly TestSample[]): SampleColumns[] => (all.length === 0 ? [] : [columnsOf('heart_rate', all)]);

test('every step is used or set aside, none twice, and the bins add up to those that are used', async () => {
  await fc.assert(
    fc.asyncProperty(samples, zone, fc.constantFrom(...RESOLUTIONS), async (all, name, resolution) => {
      const world = await worldWith(...steps(all));
      const pages = await allPages(world, 'step_count', { from: FROM, to: TO, resolution, zone: name });
      // Equal samples are one in the store.
      const distinct = new Map(all.map((s) => [[s.startMs, s.endMs, s.value, s.source.key].join(), s.value]));
      const total = [...distinct.values()].reduce((sum, value) => sum + value, 0);
      isNear(sumOf(pages), usedOf(pages), 'bins and used');
      isNear(usedOf(pages) + setAsideOf(pages), total, 'used and set aside, and all');
    }),
    { numRuns: 60 },
  );
});

test('a total is the same at every resolution, in every zone and however the time is cut', async () => {
  await fc.assert(
    fc.asyncProperty(samples, zone, minute, async (all, name, cut) => {
      const world = await worldWith(...steps(all));
      const whole = sumOf(await allPages(world, 'step_count', { from: FROM, to: TO, resolution: 'day' }));
      for (const resolution of RESOLUTIONS) {
        const asked = { resolution, zone: name };
        const halves = [
          ...(cut > FROM ? await allPages(world, 'step_count', { ...asked, from: FROM, to: cut }) : []),
          ...(await allPages(world, 'step_count', { ...asked, from: cut, to: TO })),
        ];
        isNear(sumOf(halves), whole, resolution);
      }
    }),
    { numRuns: 40 },
  );
});

test('bins follow each other within the query, hold data, and lie on the edges of the clock', async () => {
  await fc.assert(
    fc.asyncProperty(samples, zone, fc.constantFrom(...RESOLUTIONS), async (all, name, resolution) => {
      const world = await worldWith(...steps(all));
      const pages = await allPages(world, 'step_count', { from: FROM, to: TO, resolution, zone: name });
      const bins = pages.flatMap((page) => page.bins);
      bins.forEach(({ startMs, endMs, coveredMinutes }, i) => {
        assert.ok(startMs >= FROM && endMs <= TO && endMs > startMs);
        assert.ok(coveredMinutes > 0 && coveredMinutes <= (endMs - startMs) / MS_PER_MINUTE);
        assert.ok(startMs >= (bins[i - 1]?.endMs ?? -Infinity));
      });
      const shares = pages.flatMap(({ sources }) => sources.map(({ share }) => share));
      if (pages.length === 1 && bins.length > 0)
        isNear(
          shares.reduce((sum, share) => sum + share, 0),
          1,
          'shares',
        );
    }),
    { numRuns: 60 },
  );
});

test('every reading of a level is in one bin, and no mean leaves the ends of its bin', async () => {
  await fc.assert(
    fc.asyncProperty(samples, zone, fc.constantFrom(...RESOLUTIONS), async (all, name, resolution) => {
      const world = await worldWith(...rates(all));
      const pages = await allPages(world, 'heart_rate', { from: FROM, to: TO, resolution, zone: name });
      const bins = pages.flatMap((page) => page.bins);
      const counted = bins.reduce((sum, { spread }) => sum + (spread?.count ?? 0), 0);
      assert.is(counted, usedOf(pages));
      const distinct = new Set(all.map((s) => [s.startMs, s.endMs, s.value, s.source.key].join()));
      assert.is(usedOf(pages) + setAsideOf(pages), distinct.size);
      for (const { value, spread } of bins) {
        assert.ok(value !== null && spread !== null);
        assert.ok((value ?? NaN) >= (spread?.min ?? NaN) - 1e-9 && (value ?? NaN) <= (spread?.max ?? NaN) + 1e-9);
      }
    }),
    { numRuns: 60 },
  );
});

test.run();
