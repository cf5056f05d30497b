import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fromBufferPromise } from 'yauzl';
import { clinicalDocument, exportXml } from '../../../adapters/apple-export/simulated-export-xml.ts';
import { writeExportXml, writeExportZip } from '../../../adapters/apple-export/write-export.ts';
import { localZone, type LocalZone } from '../../../core/kernel/local-time.ts';
import { simulatePerson, type SimulatedRecording } from '../../../core/simulation/simulate-person.ts';
import { errorOf, valueOf } from '../result-values.ts';

const zone = (name: string): LocalZone => valueOf(localZone(name));
const recordingOf = (seed: number, days: number, zoneName = 'Europe/Berlin'): SimulatedRecording =>
  simulatePerson({ seed, days, zone: zone(zoneName) });
const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
const xmlOf = (recording: SimulatedRecording): string => [...exportXml(recording)].join('');

interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly depth: number;
  readonly parent: string | null;
}

/** The elements in document order; throws where the text is not well formed. */
function elementsOf(xml: string): readonly XmlElement[] {
  const elements: XmlElement[] = [];
  const open: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    elements.push({ name, attributes, depth: open.length, parent: open[open.length - 1] ?? null });
    open.push(name);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(xml).close();
  return elements;
}

interface ZipEntryText {
  readonly name: string;
  readonly text: string;
  /** Date and time fields as MS-DOS writes them. */
  readonly time: readonly [number, number];
}

async function entriesOf(bytes: Buffer): Promise<readonly ZipEntryText[]> {
  const zip = await fromBufferPromise(bytes);
  const entries: ZipEntryText[] = [];
  for await (const entry of zip.eachEntry()) {
    const parts: Buffer[] = [];
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString('utf8');
    entries.push({ name: entry.fileName, text, time: [entry.lastModFileDate, entry.lastModFileTime] });
  }
  return entries;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'export-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs with another zone of the machine, and makes sure that it took effect. */
async function withMachineZone(name: string, offsetMinutes: number, work: () => Promise<void>): Promise<void> {
  const before = process.env['TZ'];
  process.env['TZ'] = name;
  try {
    assert.is(-new Date(Date.UTC(2025, 0, 6)).getTimezoneOffset(), offsetMinutes);
    await work();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

test('the XML of a seed is the same bytes on every machine', () => {
  assert.is(sha256(xmlOf(recordingOf(1, 7))), '706158c156c68e165a21088d2021566173d61539ea747588b8d903b7b57f8a9f');
});

test('the archive does not depend on the machine’s zone or on when it is written', async () => {
  await inFolder(async (folder) => {
    const hashes: string[] = [];
    const zones: [string, number][] = [
      ['UTC', 0],
      ['America/St_Johns', -210],
      ['Pacific/Kiritimati', 840],
    ];
    for (const [name, offsetMinutes] of zones) {
      await withMachineZone(name, offsetMinutes, async () => {
        const path = join(folder, 'export.zip');
        hashes.push(valueOf(await writeExportZip(recordingOf(1, 2), path)).sha256);
      });
    }
    assert.is(new Set(hashes).size, 1);
  });
});

test('seed, days and zone each change the bytes', () => {
  const variants = [recordingOf(1, 2), recordingOf(2, 2), recordingOf(1, 3), recordingOf(1, 2, 'Asia/Tokyo')];
  assert.is(new Set(variants.map((recording) => sha256(xmlOf(recording)))).size, variants.length);
});

test('the archive holds the export and a clinical document in Apple’s folder', async () => {
  await inFolder(async (folder) => {
    const recording = recordingOf(4, 3);
    const path = join(folder, 'export.zip');
    const written = valueOf(await writeExportZip(recording, path));
    const bytes = await readFile(path);
    assert.is(written.bytes, bytes.length);
    assert.is(written.sha256, sha256(bytes));
    assert.is(written.records, [...recording.records()].length);
    const entries = await entriesOf(bytes);
    assert.equal(
      entries.map(({ name }) => name),
      ['apple_health_export/export.xml', 'apple_health_export/export_cda.xml'],
    );
    assert.ok(entries[0]?.text === xmlOf(recording));
    assert.is(entries[1]?.text, clinicalDocument(recording));
    // 2025-01-09, 12:00 as MS-DOS writes it.
    assert.equal(entries[0]?.time, [((2025 - 1980) << 9) | (1 << 5) | 9, 12 << 11]);
    assert.equal(await readdir(folder), ['export.zip']);
  });
});

test('the XML alone can be written too', async () => {
  await inFolder(async (folder) => {
    const recording = recordingOf(4, 2);
    const path = join(folder, 'export.xml');
    const written = valueOf(await writeExportXml(recording, path));
    const text = await readFile(path, 'utf8');
    assert.ok(text === xmlOf(recording));
    assert.is(written.bytes, Buffer.byteLength(text));
    assert.is(written.sha256, sha256(text));
    assert.is(written.records, [...recording.records()].length);
  });
});

test('a place that cannot be written to is an error and leaves nothing behind', async () => {
  await inFolder(async (folder) => {
    const recording = recordingOf(4, 1);
    const taken = join(folder, 'taken');
    await mkdir(taken);
    for (const write of [writeExportZip, writeExportXml]) {
      const absent = errorOf(await write(recording, join(folder, 'absent', 'export')));
      assert.is(absent.kind, 'port-unavailable');
      assert.is((await write(recording, taken)).isErr(), true);
    }
    assert.equal(await readdir(folder), ['taken']);
  });
});

test('a recording that breaks while it is written is an error and leaves nothing behind', async () => {
  await inFolder(async (folder) => {
    const recording: SimulatedRecording = {
      ...recordingOf(4, 1),
      // oxlint-disable-next-line require-yield
      *records() {
        throw new Error('no more records');
      },
    };
    for (const write of [writeExportZip, writeExportXml]) {
      const error = errorOf(await write(recording, join(folder, 'export')));
      assert.match(error.cause, 'no more records');
    }
    assert.equal(await readdir(folder), []);
  });
});

test('the XML is well formed and has Apple’s order: date, person, records by type, workouts, summaries', () => {
  const recording = recordingOf(1, 7);
  const xml = xmlOf(recording);
  assert.ok(xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData ['));
  const elements = elementsOf(xml);
  assert.is(elements[0]?.attributes['locale'], 'en_US');
  const top = elements.filter(({ depth }) => depth === 1).map(({ name }) => name);
  const order = top.filter((name, i) => name !== top[i - 1]);
  assert.equal(order, ['ExportDate', 'Me', 'Record', 'Workout', 'ActivitySummary']);
  assert.is(top.filter((name) => name === 'Workout').length, recording.workouts.length);
  assert.is(top.filter((name) => name === 'ActivitySummary').length, 7);
  const types = elements.filter(({ name }) => name === 'Record').map(({ attributes }) => attributes['type']);
  const groups = types.filter((type, i) => type !== types[i - 1]);
  assert.is(new Set(groups).size, groups.length);
});

test('every element and attribute is declared in the document’s own DTD', () => {
  const xml = xmlOf(recordingOf(1, 7));
  const dtd = xml.slice(0, xml.indexOf(']>'));
  const declared = new Map(
    [...dtd.matchAll(/<!ATTLIST (\w+)([^>]*)>/g)].map(([, name, list]) => [
      name,
      [...(list ?? '').matchAll(/(\w+) CDATA #(REQUIRED|IMPLIED)/g)],
    ]),
  );
  for (const { name, attributes } of elementsOf(xml)) {
    assert.match(dtd, new RegExp(`<!ELEMENT ${name} `));
    const attributesDeclared = declared.get(name) ?? [];
    const names = attributesDeclared.map(([, attribute]) => attribute);
    for (const attribute of Object.keys(attributes)) assert.ok(names.includes(attribute), `${name}/@${attribute}`);
    for (const [, attribute, use] of attributesDeclared) {
      if (use === 'REQUIRED') assert.ok((attribute as string) in attributes, `${name}/@${String(attribute)}`);
    }
  }
});

test('nothing about a real person is said', () => {
  const me = elementsOf(xmlOf(recordingOf(1, 1))).find(({ name }) => name === 'Me');
  assert.equal(Object.values(me?.attributes ?? {}), [
    '',
    'HKBiologicalSexNotSet',
    'HKBloodTypeNotSet',
    'HKFitzpatrickSkinTypeNotSet',
    'None',
  ]);
});

test('a record has its device with a changing memory address, its source and its local times', () => {
  const records = elementsOf(xmlOf(recordingOf(1, 7))).filter(({ name }) => name === 'Record');
  const devices = new Set<string>();
  for (const { attributes } of records) {
    const device = attributes['device'] ?? '';
    devices.add(device);
    assert.match(
      device,
      /^<<HKDevice: 0x30[0-9a-f]{7}>, name:(Apple Watch|iPhone), manufacturer:Apple Inc\., model:(Watch|iPhone), hardware:(Watch6,1|iPhone14,5), software:(11\.[23]|18\.[23])>$/,
    );
    const watch = device.includes('name:Apple Watch');
    assert.is(attributes['sourceName'], watch ? 'Sam’s Apple\u00a0Watch' : 'Sam’s iPhone');
    for (const key of ['creationDate', 'startDate', 'endDate']) {
      assert.match(attributes[key] ?? '', /^2025-01-\d\d \d\d:\d\d:\d\d \+0100$/);
    }
  }
  assert.ok(devices.size > 100);
});

test('records in the file are the records of the recording', () => {
  const recording = recordingOf(9, 3, 'America/St_Johns');
  const elements = elementsOf(xmlOf(recording)).filter(({ name }) => name === 'Record');
  const instant = (text: string | undefined): number => {
    const iso = (text ?? '').replace(/^(\S+) (\S+) ([+-]\d\d)(\d\d)$/, '$1T$2$3:$4');
    return Date.parse(iso);
  };
  const read = elements.map(({ attributes }) => [
    attributes['type'],
    attributes['sourceName'],
    attributes['unit'] ?? null,
    instant(attributes['startDate']),
    instant(attributes['endDate']),
    attributes['value'],
  ]);
  const expected = [...recording.records()].map(({ type, device, unit, startMs, endMs, value }) => [
    type,
    device.sourceName,
    unit,
    startMs,
    endMs,
    value,
  ]);
  assert.ok(JSON.stringify(read) === JSON.stringify(expected));
});

test('nothing is said to have been saved after the export', () => {
  const elements = elementsOf(xmlOf(recordingOf(2, 3)));
  const exported = elements.find(({ name }) => name === 'ExportDate')?.attributes['value'];
  assert.is(exported, '2025-01-09 09:00:00 +0100');
  const saved = elements.map(({ attributes }) => attributes['creationDate'] ?? '');
  assert.ok(saved.every((date) => date <= (exported as string)));
});

test('the offset changes where the clocks do', () => {
  // 2025-03-29 and 2025-03-30.
  const recording = simulatePerson({ seed: 2, days: 2, zone: zone('Europe/Berlin'), firstDay: 20_176 });
  const starts = elementsOf(xmlOf(recording))
    .filter(({ name }) => name === 'Record')
    .map(({ attributes }) => attributes['startDate'] ?? '')
    .sort();
  assert.ok(starts.some((text) => text.startsWith('2025-03-30 01:') && text.endsWith(' +0100')));
  assert.ok(starts.some((text) => text.startsWith('2025-03-30 03:') && text.endsWith(' +0200')));
  assert.is(
    starts.some((text) => text.startsWith('2025-03-30 02:')),
    false,
  );
});

test('sleep names its zone, heart rate its motion context and variability some of its beats', () => {
  const elements = elementsOf(xmlOf(recordingOf(1, 7)));
  const entries = new Set(
    elements
      .filter(({ name }) => name === 'MetadataEntry')
      .map(({ attributes }) => Object.values(attributes).join('=')),
  );
  for (const entry of ['HKTimeZone=Europe/Berlin', 'HKMetadataKeyHeartRateMotionContext=1', 'HKIndoorWorkout=1']) {
    assert.ok(entries.has(entry), entry);
  }
  const beats = elements.filter(({ name }) => name === 'InstantaneousBeatsPerMinute');
  assert.ok(beats.length > 0);
  for (const { attributes, parent } of beats) {
    assert.is(parent, 'HeartRateVariabilityMetadataList');
    assert.match(attributes['time'] ?? '', /^([1-9]|1[0-2]):[0-5]\d:[0-5]\d\.\d\d [AP]M$/);
  }
});

test('a workout tells its length, its energy and, where there is one, its distance', () => {
  for (const seed of [1, 2, 3]) {
    const recording = recordingOf(seed, 7);
    const elements = elementsOf(xmlOf(recording));
    const workouts = elements.filter(({ name }) => name === 'Workout');
    assert.ok(workouts.length > 0);
    for (const { attributes } of workouts) assert.ok(Number(attributes['duration']) >= 32);
    const statistics = elements.filter(({ name }) => name === 'WorkoutStatistics');
    const distances = recording.workouts.filter(({ distanceKm }) => distanceKm !== null).length;
    assert.is(statistics.length, workouts.length + distances);
  }
});

test('the clinical document is dated like the export', () => {
  assert.match(clinicalDocument(recordingOf(1, 1)), '<effectiveTime value="20250107090000+0100"/>');
  assert.match(clinicalDocument(recordingOf(1, 1, 'America/St_Johns')), '<effectiveTime value="20250107090000-0330"/>');
  assert.equal(elementsOf(clinicalDocument(recordingOf(1, 1)))[0]?.name, 'ClinicalDocument');
});

test('a year is written in pieces, not held in memory whole', () => {
  let longest = 0;
  let pieces = 0;
  for (const piece of exportXml(recordingOf(1, 60))) {
    longest = Math.max(longest, piece.length);
    pieces++;
  }
  assert.ok(pieces > 100);
  assert.ok(longest < 100_000);
});

test.run();
