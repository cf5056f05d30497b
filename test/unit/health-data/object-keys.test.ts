import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isRawKeyOf, rawMetricsKey, rawUploadKey } from '../../../core/health-data/object-keys.ts';
import { processingId } from '../../../core/kernel/ids.ts';
import { ADA } from '../memory-world.ts';

const ID = processingId('upload-1');

test('raw metrics lie under the UTC date of their receipt, the owner and the upload', () => {
  assert.is(rawMetricsKey(ADA, ID, Date.UTC(2025, 0, 2, 23, 59)), `raw_data/2025/01/02/${ADA}/upload-1.json`);
});

test('raw uploads lie alike, by their format', () => {
  for (const extension of ['json', 'zip', 'xml'] as const) {
    const key = rawUploadKey(ADA, ID, Date.UTC(2024, 11, 31), extension);
    assert.is(key, `uploads/2024/12/31/${ADA}/upload-1.${extension}`);
  }
});

test('the raw keys of an upload are known by its id, whole', () => {
  const atMs = Date.UTC(2025, 0, 2);
  const long = processingId(`${ADA}-0123456789abcdef0123456789abcdef`);
  for (const id of [ID, long]) {
    assert.is(isRawKeyOf(rawMetricsKey(ADA, id, atMs), id), true);
    assert.is(isRawKeyOf(rawUploadKey(ADA, id, atMs, 'zip'), id), true);
  }
  for (const key of ['uploads/2025/01/02/ada/upload-12.json', 'upload-1', 'upload-1/x.json', 'a/x-upload-1.json', '']) {
    assert.is(isRawKeyOf(key, ID), false, key);
  }
});

test.run();
