import * as assert from 'uvu/assert';
import { getting, reading, type Journey } from '../journey.ts';
import { life, prepareLife } from '../life.ts';
import { listMetrics, readProcessing } from '../measurements.ts';

const SERIES =
  '/api/v1/health-data/series?metric_type=heart_rate&from=2024-01-01T00:00:00Z&to=2024-01-02T00:00:00Z&timezone=local';

/** Reading what was sent and what was made of it. */
export const READING_JOURNEYS: readonly Journey[] = [
  reading({ name: 'list metrics', route: 'listHealthData', prepare: prepareLife, send: listMetrics }),
  reading({ name: 'read a processing', route: 'readProcessing', prepare: prepareLife, send: readProcessing }),
  reading({
    name: 'read the status of an upload',
    route: 'readHealthKitUpload',
    prepare: prepareLife,
    send: getting(({ upload }) => `/api/v1/healthkit/status/${upload}`),
  }),
  reading({ name: 'read a series', route: 'readSeries', prepare: prepareLife, send: getting(SERIES) }),
  reading({
    name: 'list what there are series of',
    route: 'listSeriesTypes',
    prepare: prepareLife,
    send: getting('/api/v1/health-data/series/types'),
  }),
  reading({
    name: 'read an analysis',
    route: 'readAnalysis',
    prepare: prepareLife,
    send: getting(({ upload }) => `/api/v1/pat/analysis/${upload}`),
  }),
  reading(
    {
      name: 'read a report',
      route: 'readReport',
      prepare: prepareLife,
      send: getting(({ upload }) => `/api/v1/pat/analysis/${upload}/report`),
    },
    // The page says when it was made.
    ({ text }) => text.replaceAll(/\d{1,2}:\d{2}(?::\d{2})?/g, ''),
  ),
  reading(
    {
      name: 'read an insight',
      route: 'readInsight',
      prepare: prepareLife,
      send: async ({ call }, { token }) => call('GET', `/api/v1/insights/${(await life()).insight}`, { token }),
    },
    ({ json }) => JSON.stringify(json['data']),
  ),
  reading(
    {
      name: 'list insights',
      route: 'insightHistory',
      prepare: prepareLife,
      send: getting(({ id }) => `/api/v1/insights/history/${id}`),
    },
    ({ json }) => JSON.stringify(json['data']),
  ),
  reading({
    name: 'read what the model is',
    route: 'modelsInfo',
    service: { model: 'not-installed' },
    send: getting('/api/v1/pat/models/info'),
  }),
  {
    kind: 'request',
    name: 'read what the model is, before anybody has',
    route: 'modelsInfo',
    service: { model: 'not-installed' },
    once: true,
    strikes: ['ModelRepository.catalogue', 'ModelRepository.strays'],
    send: getting('/api/v1/pat/models/info'),
    verify: async (service, person) => {
      const { json } = await getting('/api/v1/pat/models/info')(service, person);
      assert.is(json['status'], 'weights_not_installed');
      assert.equal(json['installed'], []);
    },
  },
];
