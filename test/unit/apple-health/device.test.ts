import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { deviceFromObject, NO_DEVICE, parseDeviceText, sampleSource } from '../../../core/apple-health/device.ts';

const watchText = (address: string, software: string) =>
  `<<HKDevice: ${address}>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,1, software:${software}>`;

test('reads the text of a device, commas in the hardware included', () => {
  assert.equal(parseDeviceText(watchText('0x282c0d0e0', '10.1')), {
    name: 'Apple Watch',
    manufacturer: 'Apple Inc.',
    model: 'Watch',
    hardware: 'Watch6,1',
  });
});

test('reads names that hold commas, colons and angle brackets', () => {
  const text = '<<HKDevice: 0x1>, name:Jo, the runner: "fast" >, model:Band, localIdentifier:a, FDA UDI:b>';
  assert.equal(parseDeviceText(text), {
    name: 'Jo, the runner: "fast" >',
    manufacturer: null,
    model: 'Band',
    hardware: null,
  });
});

test('gives nothing for text of another form', () => {
  for (const text of ['', '<<HKDevice>>', 'My scale', '<<HKDevice: 0x1>>', 'x'.repeat(5000)]) {
    assert.equal(parseDeviceText(text), NO_DEVICE, text);
  }
});

test('one device has one key, whatever its address, software and creation date', () => {
  const key = sampleSource('Jo’s Apple Watch', parseDeviceText(watchText('0x282c0d0e0', '10.1'))).key;
  const other = watchText('0x30ffee', '26.2, creation date:2025-12-13 12:48:57 +0000');
  assert.is(sampleSource('Jo’s Apple Watch', parseDeviceText(other)).key, key);
  fc.assert(
    fc.property(fc.nat(), fc.stringMatching(/^\d{1,2}\.\d(\.\d)?$/), (address, software) => {
      const device = parseDeviceText(watchText(`0x${address.toString(16)}`, software));
      assert.is(sampleSource('Jo’s Apple Watch', device).key, key);
    }),
  );
});

test('a client that sends the device as an object means the same source', () => {
  const fromExport = sampleSource('Jo’s Apple Watch', parseDeviceText(watchText('0x1', '10.1')));
  const sent = {
    name: 'Apple Watch',
    manufacturer: 'Apple Inc.',
    model: 'Watch',
    hardwareVersion: 'Watch6,1',
    softwareVersion: '9',
  };
  assert.equal(sampleSource("Jo's Apple Watch", deviceFromObject(sent)).key, fromExport.key);
});

test('ignores fields of a device object that are not text, and inherited ones', () => {
  assert.equal(deviceFromObject({ name: 7, model: null, hardware: { x: 1 } }), NO_DEVICE);
  assert.equal(deviceFromObject(Object.create({ name: 'inherited' }) as Record<string, unknown>), NO_DEVICE);
});

test('spaces of any kind, apostrophes, case and composition do not make another source', () => {
  const key = sampleSource("Jo's Apple Watch", NO_DEVICE).key;
  for (const name of ['Jo’s Apple\u00a0Watch', ' Jo‘s  apple watch', 'Jo\u0000’s Apple\u200b Watch']) {
    assert.is(sampleSource(name, NO_DEVICE).key, key, name);
  }
  assert.is(sampleSource('Zo\u00eb', NO_DEVICE).key, sampleSource('Zoe\u0308', NO_DEVICE).key);
});

test('apps on one device are different sources, and so are two devices of one app', () => {
  const phone = { ...NO_DEVICE, hardware: 'iPhone14,2' };
  const keys = [
    sampleSource('Strava', phone).key,
    sampleSource('Pacer', phone).key,
    sampleSource('Strava', { ...NO_DEVICE, hardware: 'iPhone15,2' }).key,
    sampleSource('Strava', NO_DEVICE).key,
  ];
  assert.is(new Set(keys).size, keys.length);
});

test('tells watch from phone by hardware first, then model, device name and source name', () => {
  const kind = (name: string | null, device: Partial<typeof NO_DEVICE>) =>
    sampleSource(name, { ...NO_DEVICE, ...device }).device;
  assert.is(kind('Watch Faces', { hardware: 'iPhone14,2' }), 'phone');
  assert.is(kind('Strava', { hardware: 'Watch6,1' }), 'watch');
  assert.is(kind('Zepp', { model: 'Galaxy Watch 4' }), 'watch');
  assert.is(kind('Reloj', { name: 'Apple Watch' }), 'watch');
  assert.is(kind('Apple Watch de Ana', {}), 'watch');
  assert.is(kind('iPhone van Jo', {}), 'phone');
  assert.is(kind('Oura', {}), 'other');
  assert.is(kind('Health', { hardware: 'iPad13,4' }), 'other');
  assert.is(kind(null, {}), 'other');
});

test('has a name to show even when nothing is known', () => {
  assert.is(sampleSource(null, NO_DEVICE).name, 'Unknown source');
  assert.is(sampleSource(' ', { ...NO_DEVICE, name: 'Scale' }).name, 'Scale');
  assert.is(sampleSource('Jo’s iPhone', NO_DEVICE).name, 'Jo’s iPhone');
  assert.is(sampleSource('x'.repeat(100_000), NO_DEVICE).name.length, 128);
});

test.run();
