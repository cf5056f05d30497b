import type { ResultAsync } from 'neverthrow';
import { AppleExportReader } from '../../adapters/apple-export/export-reader.ts';
import { MemoryMetricStore } from '../../adapters/memory/metric-store.ts';
import { MemorySampleStore } from '../../adapters/memory/sample-store.ts';
import type { ModelPorts } from '../../core/analysis/model-results.ts';
import type { AnalysedRecording } from '../../core/analysis/recording.ts';
import { analyzeWindow } from '../../core/analysis/analyze-window.ts';
import { faultAndPlace } from '../../core/health-data/unreadable-file.ts';
import { chooseZone } from '../../core/analysis/zone-choice.ts';
import type { ByteSource } from '../../core/health-data/ports.ts';
import { processingId, userId } from '../../core/kernel/ids.ts';
import {
  notAnalysed,
  reportNotices,
  type AnalyzeRequest,
  type NotAnalysed,
  type Reporting,
} from './analysis-request.ts';

/** The one person of a command-line run. */
const OWNER = userId('local');
const UPLOAD = processingId('file');

/** The use case of the service, with a file as the source and memory as the store. */
export function analyzeExportFile(
  file: ByteSource,
  sha256: string,
  request: AnalyzeRequest,
  ports: ModelPorts,
  reporting: Reporting,
): ResultAsync<AnalysedRecording, NotAnalysed> {
  const samples = new MemorySampleStore();
  return new AppleExportReader()
    .read(file, (batches, { bytesRead, bytesTotal }) => {
      reporting.progress(bytesRead / Math.max(1, bytesTotal), 'Reading the export');
      return samples.append(OWNER, UPLOAD, batches).map(() => undefined);
    })
    .mapErr((error) => notAnalysed(error.kind === 'export-unreadable' ? faultAndPlace(error) : error.cause))
    .andThen((summary) => {
      reportNotices(summary.notices, reporting);
      reporting.progress(1, 'Analysing');
      const zone =
        request.zone ??
        chooseZone({
          requested: null,
          recorded: summary.timeZones[0]?.name ?? null,
          offsetMinutes: summary.utcOffsets[0]?.minutes ?? null,
        });
      return analyzeWindow({ samples, metrics: new MemoryMetricStore(), ...ports })({
        owner: OWNER,
        zone,
        firstDay: request.firstDay,
        lastDay: request.lastDay,
        sha256,
        notices: summary.notices,
        encodedDays: request.encodedDays,
      }).mapErr((error) => notAnalysed(error.kind === 'nothing-to-analyze' ? error.reason : error.cause));
    });
}
