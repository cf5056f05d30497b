import type { SampleSource } from '../health-data/samples.ts';

/** What is known of the hardware that recorded a sample; the fields of `HKDevice` that do not change by themselves. */
export interface DeviceDescription {
  readonly name: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  /** Such as `Watch6,1` or `iPhone14,2`. */
  readonly hardware: string | null;
}

export const NO_DEVICE: DeviceDescription = { name: null, manufacturer: null, model: null, hardware: null };

/** Longer names are cut; nobody calls a device anything longer, and names are kept with every batch of samples. */
const MAX_NAME_LENGTH = 128;
/** Longer device texts are not looked at. */
const MAX_DEVICE_TEXT_LENGTH = 4096;

/** The labels in the text of an `HKDevice`; values may hold commas and colons, so only these end the one before. */
const DEVICE_LABEL =
  /(?:^|, )(name|manufacturer|model|hardware|firmware|software|localIdentifier|UDIDeviceIdentifier|FDA UDI|creation date):/g;

/**
 * Reads the text that exports hold, such as `<<HKDevice: 0x282c0d0e0>, name:Apple Watch, manufacturer:Apple Inc.,
 * model:Watch, hardware:Watch6,1, software:10.1>`. The memory address, versions and the creation date, which differ
 * from record to record of one device, are left behind. Text of any other form gives a description of nulls.
 */
export function parseDeviceText(text: string): DeviceDescription {
  if (text.length > MAX_DEVICE_TEXT_LENGTH) return NO_DEVICE;
  const body = text.replace(/^<<HKDevice: [^>]*>/, '').replace(/>$/, '');
  const labels = [...body.matchAll(DEVICE_LABEL)];
  const fields = new Map<string, string>();
  labels.forEach((label, at) => {
    const name = label[1] ?? '';
    const value = body.slice(label.index + label[0].length, labels[at + 1]?.index ?? body.length);
    if (!fields.has(name)) fields.set(name, value);
  });
  return {
    name: cleanText(fields.get('name')),
    manufacturer: cleanText(fields.get('manufacturer')),
    model: cleanText(fields.get('model')),
    hardware: cleanText(fields.get('hardware')),
  };
}

/** Reads a device that an API client sent as an object; `hardwareVersion` is HealthKit's own name for the hardware. */
export function deviceFromObject(device: Readonly<Record<string, unknown>>): DeviceDescription {
  const text = (...names: readonly string[]): string | null => {
    for (const name of names) {
      const value = Object.hasOwn(device, name) ? device[name] : null;
      const clean = typeof value === 'string' ? cleanText(value) : null;
      if (clean !== null) return clean;
    }
    return null;
  };
  return {
    name: text('name'),
    manufacturer: text('manufacturer'),
    model: text('model'),
    hardware: text('hardware', 'hardwareVersion', 'hardware_version'),
  };
}

/**
 * The source of a sample: the app or device that wrote it (`sourceName`) together with the hardware. Its key stays the
 * same when the device's software, its address in memory, the kind of apostrophe or the spaces in its name change.
 */
export function sampleSource(sourceName: string | null, device: DeviceDescription): SampleSource {
  const writer = cleanText(sourceName);
  const hardware = device.hardware ?? [device.model, device.name].filter((part) => part !== null).join(' ');
  return {
    key: `${keyPart(writer ?? '')}|${keyPart(hardware)}`,
    name: writer ?? device.name ?? device.model ?? 'Unknown source',
    device: deviceKind(writer, device),
    model: device.hardware ?? device.model,
  };
}

/** Hardware knows best what it is, then the model, the device's name, and last the name of what wrote the sample. */
function deviceKind(writer: string | null, device: DeviceDescription): SampleSource['device'] {
  for (const text of [device.hardware, device.model, device.name, writer]) {
    if (text === null) continue;
    if (/\bwatch/i.test(text)) return 'watch';
    if (/\b(?:iphone|ipod|phone)/i.test(text)) return 'phone';
    if (/^(?:ipad|mac|appletv)/i.test(text)) return 'other';
  }
  return 'other';
}

function keyPart(text: string): string {
  return text.toLowerCase().replaceAll('|', '/').replace(/[‘’ʼ]/g, "'");
}

/** Without control characters, with runs of any spaces as one, composed (NFC), cut to length; null where nothing is left. */
function cleanText(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const clean = text
    .slice(0, MAX_DEVICE_TEXT_LENGTH)
    .normalize('NFC')
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_NAME_LENGTH)
    .replace(/[\ud800-\udbff]$/, '');
  return clean === '' ? null : clean;
}
