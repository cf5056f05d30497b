import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AnalysedRecording } from '../../core/analysis/recording.ts';
import type { ReportRenderer } from '../../core/analysis/ports.ts';
import { analyzeSeries } from '../../core/analysis/analyze-series.ts';
import { memoryWorld, NOW_MS } from '../unit/memory-world.ts';
import { constant, recording } from '../unit/analysis/recordings.ts';
import { valueOf } from '../unit/result-values.ts';

const analysed = async (values: Float64Array): Promise<AnalysedRecording> =>
  valueOf(await analyzeSeries(memoryWorld())(recording({ values })));

/** What every `ReportRenderer` does. */
export function reportRendererContract(name: string, make: () => ReportRenderer): void {
  const contract = suite(`ReportRenderer: ${name}`);

  contract('makes one page that loads nothing and runs nothing', async () => {
    const { document, grid } = await analysed(recording().values);
    const page = make().render(document, grid, NOW_MS);
    assert.match(page, /^<!doctype html>/i);
    assert.not.match(page, /<script|<link|<iframe|<object|<embed|<img|@import|url\((?!#)|\ssrc=|\son\w+=/i);
  });

  contract('is the same for the same analysis', async () => {
    const { document, grid } = await analysed(constant(3, 3 * 1440));
    assert.is(make().render(document, grid, NOW_MS), make().render(document, grid, NOW_MS));
  });

  contract('draws a recording of which nothing is known, and says so', async () => {
    const { document, grid } = await analysed(constant(Number.NaN, 2 * 1440));
    const page = make().render(document, grid, NOW_MS);
    assert.match(page, 'not a medical device');
    assert.not.match(page, /NaN|undefined|\[object/);
  });

  contract.run();
}
