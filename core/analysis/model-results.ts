import { okAsync, type ResultAsync } from 'neverthrow';
import { prepareWeek } from '../pat/prepare-week.ts';
import type { ActigraphyModel } from '../pat/ports.ts';
import type { LocalDayGrid, ModelResults, SignalKind } from './document.ts';
import type { Findings } from './findings.ts';

/** The encoder's part of the document, over the window's last seven local days. */
export function modelResults(
  model: ActigraphyModel,
  kind: SignalKind,
  grid: LocalDayGrid,
  findings: Findings,
): ResultAsync<ModelResults, never> {
  const { status, name, engine, message } = model.describe();
  const without = (reason: string, fields: readonly string[]): ModelResults => {
    findings.without(reason, ...fields);
    return { status, name, engine, scaling: null, embedding: null };
  };
  if (status !== 'ready') {
    return okAsync(without(message, ['model.name', 'model.engine', 'model.scaling', 'model.embedding']));
  }
  const week = prepareWeek(grid.values);
  if (week.isErr()) return okAsync(without(week.error.reason, ['model.scaling', 'model.embedding']));
  return model
    .encode([week.value.values])
    .map(([encoded]): ModelResults => {
      if (encoded === undefined)
        return without('the engine answered without a week', ['model.scaling', 'model.embedding']);
      findings.used('pat_encoder');
      const signal = kind === 'counts' ? '' : ' (steps proxy)';
      return { status, name, engine, scaling: `${week.value.scaling}${signal}`, embedding: Array.from(encoded.pooled) };
    })
    .orElse((unavailable) => okAsync(without(unavailable.message, ['model.scaling', 'model.embedding'])));
}
