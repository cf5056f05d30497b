import { performance } from 'node:perf_hooks';
import { MemoryActigraphyModel } from '../../adapters/memory/actigraphy-model.ts';
import { MemoryModelRepository } from '../../adapters/memory/model-repository.ts';
import { nodeDigest } from '../../adapters/node/digest.ts';
import { analyzeSeries } from '../../core/analysis/analyze-series.ts';
import { COUNT_WEAR_RULES } from '../../core/analysis/wear-rules.ts';
import { localZone, MINUTES_PER_DAY, MS_PER_MINUTE, startOfLocalDay } from '../../core/kernel/local-time.ts';
import { simulatePerson } from '../../core/simulation/simulate-person.ts';

const DAYS_PER_WEEK = 7;
const MOST_WEEKS = 52;

/** Measures all metrics of a week of counts, without the model: the median of the runs, one row a number of weeks. */
export async function benchAnalyze(): Promise<readonly unknown[]> {
  const zone = localZone('Europe/Berlin');
  if (zone.isErr()) throw new Error('the zone is unknown');
  const { counts, firstDay } = simulatePerson({ seed: 7, days: MOST_WEEKS * DAYS_PER_WEEK, zone: zone.value });
  const startMs = startOfLocalDay(zone.value, firstDay);
  const analyze = analyzeSeries({
    model: new MemoryActigraphyModel(null),
    models: new MemoryModelRepository(nodeDigest),
  });
  const rows: unknown[] = [];
  for (const weeks of [1, 4, MOST_WEEKS]) {
    const length = Math.min(counts.length, weeks * DAYS_PER_WEEK * MINUTES_PER_DAY);
    const samples: number[] = [];
    const rounds = weeks > 4 ? 7 : 31;
    for (let round = 0; round < rounds; round++) {
      // Another week each round, so that nothing can be reused from the round before.
      const from = weeks === 1 ? (round % MOST_WEEKS) * DAYS_PER_WEEK * MINUTES_PER_DAY : 0;
      const values = counts.slice(from, from + length);
      const began = performance.now();
      await analyze({
        kind: 'counts',
        startMs: startMs + from * MS_PER_MINUTE,
        values,
        zone: zone.value,
        sha256: '',
        sources: [],
        notices: [],
        wearRule: COUNT_WEAR_RULES.choi,
        nonWear: 'choi',
        encodedDays: null,
        recordedSleep: { absent: 'none recorded' },
      });
      samples.push(performance.now() - began);
    }
    samples.sort((a, b) => a - b);
    rows.push({
      weeks,
      ms_per_week: Number(((samples[Math.floor(rounds / 2)] as number) / weeks).toFixed(3)),
      slowest_ms: Number((samples.at(-1) as number).toFixed(3)),
    });
  }
  return rows;
}
