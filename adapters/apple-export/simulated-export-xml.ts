import type { EpochMs } from '../../core/kernel/clock.ts';
import { isoDate, MS_PER_DAY, MS_PER_MINUTE, type LocalZone } from '../../core/kernel/local-time.ts';
import { randomStream } from '../../core/simulation/random.ts';
import type { SimulatedDevice, SimulatedRecord } from '../../core/simulation/record.ts';
import type {
  SimulatedDaySummary,
  SimulatedRecording,
  SimulatedWorkout,
} from '../../core/simulation/simulate-person.ts';

/** The export is dated nine hours after the recording's end: the morning after the last day. */
const EXPORTED_AFTER_MS = 9 * 60 * MS_PER_MINUTE;
const CHUNK_CHARACTERS = 65_536;

/**
 * The text of `export.xml` in pieces of about 64 K characters, made as they are read. `tally.records`, where given, counts
 * the `Record` elements.
 */
export function* exportXml(recording: SimulatedRecording, tally = { records: 0 }): Generator<string> {
  const dateText = appleDates(recording.zone);
  const exportedMs = recording.endMs + EXPORTED_AFTER_MS;
  const deviceTexts = deviceAttributes(recording.seed);
  let text = `${PROLOG}<HealthData locale="en_US">\n <ExportDate value="${dateText(exportedMs)}"/>\n${ME}`;
  for (const record of recording.records()) {
    tally.records++;
    text += recordElement(record, deviceTexts(record.device, tally.records), exportedMs, dateText, recording.zone);
    if (text.length < CHUNK_CHARACTERS) continue;
    yield text;
    text = '';
  }
  for (const [index, workout] of recording.workouts.entries()) {
    text += workoutElement(workout, deviceTexts(workout.device, index), dateText);
  }
  for (const summary of recording.daySummaries) text += summaryElement(summary);
  yield `${text}</HealthData>\n`;
}

/**
 * The least of a CDA document for `export_cda.xml`: Apple puts one beside the export, and readers must not take it for
 * the export.
 */
export function clinicalDocument(recording: SimulatedRecording): string {
  const dateText = appleDates(recording.zone);
  const time = dateText(recording.endMs + EXPORTED_AFTER_MS).replace(/[-: ](?!\d{4}$)/g, '');
  return (
    '<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3">\n' +
    ' <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>\n <title>Health Data Export</title>\n' +
    ` <effectiveTime value="${time}"/>\n <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>\n` +
    '</ClinicalDocument>\n'
  );
}

function recordElement(
  record: SimulatedRecord,
  deviceText: string,
  exportedMs: EpochMs,
  dateText: (instantMs: EpochMs) => string,
  zone: LocalZone,
): string {
  const unit = record.unit === null ? '' : ` unit="${record.unit}"`;
  const created = dateText(Math.min(record.createdMs, exportedMs));
  const times = `creationDate="${created}" startDate="${dateText(record.startMs)}" endDate="${dateText(record.endMs)}"`;
  const opening = ` <Record type="${record.type}" ${deviceText}${unit} ${times} value="${record.value}"`;
  if (record.metadata.length === 0 && record.beats.length === 0) return `${opening}/>\n`;
  let children = '';
  for (const [key, value] of record.metadata) children += metadataEntry(key, value);
  if (record.beats.length > 0) {
    children += '  <HeartRateVariabilityMetadataList>\n';
    for (const { atMs, bpm } of record.beats) {
      children += `   <InstantaneousBeatsPerMinute bpm="${String(bpm)}" time="${beatTime(zone, atMs)}"/>\n`;
    }
    children += '  </HeartRateVariabilityMetadataList>\n';
  }
  return `${opening}>\n${children} </Record>\n`;
}

function workoutElement(workout: SimulatedWorkout, deviceText: string, dateText: (ms: EpochMs) => string): string {
  const [activity, distanceType] = {
    running: ['Running', 'DistanceWalkingRunning'],
    cycling: ['Cycling', 'DistanceCycling'],
    strength: ['TraditionalStrengthTraining', null],
  }[workout.kind] as [string, string | null];
  const [start, end] = [dateText(workout.startMs), dateText(workout.endMs)];
  const minutes = String((workout.endMs - workout.startMs) / MS_PER_MINUTE);
  const statistics = (type: string, sum: number, unit: string): string =>
    `  <WorkoutStatistics type="HKQuantityTypeIdentifier${type}" startDate="${start}" endDate="${end}" ` +
    `sum="${String(sum)}" unit="${unit}"/>\n`;
  return (
    ` <Workout workoutActivityType="HKWorkoutActivityType${activity}" duration="${minutes}" durationUnit="min" ` +
    `${deviceText} creationDate="${end}" startDate="${start}" endDate="${end}">\n` +
    metadataEntry('HKIndoorWorkout', workout.kind === 'strength' ? '1' : '0') +
    statistics('ActiveEnergyBurned', workout.activeKcal, 'kcal') +
    (distanceType === null || workout.distanceKm === null ? '' : statistics(distanceType, workout.distanceKm, 'km')) +
    ' </Workout>\n'
  );
}

function summaryElement({ day, activeKcal, exerciseMinutes, standHours }: SimulatedDaySummary): string {
  return (
    ` <ActivitySummary dateComponents="${isoDate(day)}" activeEnergyBurned="${String(activeKcal)}" ` +
    'activeEnergyBurnedGoal="500" activeEnergyBurnedUnit="kcal" appleMoveTime="0" appleMoveTimeGoal="0" ' +
    `appleExerciseTime="${String(exerciseMinutes)}" appleExerciseTimeGoal="30" ` +
    `appleStandHours="${String(standHours)}" appleStandHoursGoal="12"/>\n`
  );
}

const metadataEntry = (key: string, value: string): string => `  <MetadataEntry key="${key}" value="${value}"/>\n`;

/** How many different addresses each device appears under; in real exports one phone has been seen under 73. */
const ADDRESSES_PER_DEVICE = 48;

/**
 * The attributes that say where a record comes from. Apple prints the device object's memory address into the text, so
 * one device has many texts; which of them the n-th record gets depends on the seed only.
 */
function deviceAttributes(seed: number): (device: SimulatedDevice, serial: number) => string {
  const texts = new Map<SimulatedDevice, readonly string[]>();
  const textsOf = (device: SimulatedDevice): readonly string[] => {
    const known = texts.get(device);
    if (known !== undefined) return known;
    const random = randomStream(seed, 'addresses', device.kind, device.software);
    const made = Array.from({ length: ADDRESSES_PER_DEVICE }, () => {
      const address = `0x30${(random.uint32() >>> 4).toString(16).padStart(7, '0')}`;
      return (
        `sourceName="${device.sourceName}" sourceVersion="${device.software}" ` +
        `device="&lt;&lt;HKDevice: ${address}&gt;, name:${device.name}, manufacturer:Apple Inc., ` +
        `model:${device.model}, hardware:${device.hardware}, software:${device.software}&gt;"`
      );
    });
    texts.set(device, made);
    return made;
  };
  return (device, serial) => {
    const choices = textsOf(device);
    // A stride that shares no factor with the number of addresses visits all of them.
    return choices[(serial * 29) % choices.length] as string;
  };
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const twoDigits = (n: number): string => TWO_DIGITS[n] as string;

/** Writes instants as Apple does, `2024-01-01 08:00:00 +0100`; a fraction of a second is dropped. */
function appleDates(zone: LocalZone): (instantMs: EpochMs) => string {
  // Neighbouring records share their date and offset, and a year has over a million dates to write.
  let lastDay = Number.NaN;
  let dateText = '';
  let lastOffset = Number.NaN;
  let offsetText = '';
  return (instantMs) => {
    const { day, secondOfDay, offset } = wallClock(zone, instantMs);
    if (day !== lastDay) {
      lastDay = day;
      dateText = isoDate(day);
    }
    if (offset !== lastOffset) {
      lastOffset = offset;
      const minutes = Math.abs(offset);
      offsetText = `${offset < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}${twoDigits(minutes % 60)}`;
    }
    const minuteOfDay = Math.floor(secondOfDay / 60);
    const time = `${twoDigits(Math.floor(minuteOfDay / 60))}:${twoDigits(minuteOfDay % 60)}:${twoDigits(secondOfDay % 60)}`;
    return `${dateText} ${time} ${offsetText}`;
  };
}

/** A beat's time of day as an English locale writes it: `8:14:02.45 AM`. */
function beatTime(zone: LocalZone, instantMs: EpochMs): string {
  const { secondOfDay } = wallClock(zone, instantMs);
  const hour = Math.floor(secondOfDay / 3600);
  const minute = Math.floor(secondOfDay / 60) % 60;
  const hundredths = Math.floor((instantMs - Math.floor(instantMs / 1000) * 1000) / 10);
  const half = hour < 12 ? 'AM' : 'PM';
  const time = `${twoDigits(minute)}:${twoDigits(secondOfDay % 60)}.${String(hundredths).padStart(2, '0')}`;
  return `${String(hour % 12 === 0 ? 12 : hour % 12)}:${time} ${half}`;
}

function wallClock(zone: LocalZone, instantMs: EpochMs) {
  const offset = zone.offsetMinutesAt(instantMs);
  const wallMs = instantMs + offset * MS_PER_MINUTE;
  const day = Math.floor(wallMs / MS_PER_DAY);
  return { day, secondOfDay: Math.floor((wallMs - day * MS_PER_DAY) / 1000), offset };
}

/** Declarations of the same shape as those at the head of Apple's file. */
const PROLOG = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- Declares only what this file contains. -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Workout|ActivitySummary)*)>
<!ATTLIST HealthData locale CDATA #REQUIRED>
<!ELEMENT ExportDate EMPTY>
<!ATTLIST ExportDate value CDATA #REQUIRED>
<!ELEMENT Me EMPTY>
<!ATTLIST Me
  HKCharacteristicTypeIdentifierDateOfBirth CDATA #REQUIRED
  HKCharacteristicTypeIdentifierBiologicalSex CDATA #REQUIRED
  HKCharacteristicTypeIdentifierBloodType CDATA #REQUIRED
  HKCharacteristicTypeIdentifierFitzpatrickSkinType CDATA #REQUIRED
  HKCharacteristicTypeIdentifierCardioFitnessMedicationsUse CDATA #REQUIRED
>
<!ELEMENT Record ((MetadataEntry|HeartRateVariabilityMetadataList)*)>
<!ATTLIST Record
  type CDATA #REQUIRED
  sourceName CDATA #REQUIRED
  sourceVersion CDATA #IMPLIED
  device CDATA #IMPLIED
  unit CDATA #IMPLIED
  creationDate CDATA #IMPLIED
  startDate CDATA #REQUIRED
  endDate CDATA #REQUIRED
  value CDATA #IMPLIED
>
<!ELEMENT MetadataEntry EMPTY>
<!ATTLIST MetadataEntry key CDATA #REQUIRED value CDATA #REQUIRED>
<!ELEMENT HeartRateVariabilityMetadataList (InstantaneousBeatsPerMinute*)>
<!ELEMENT InstantaneousBeatsPerMinute EMPTY>
<!ATTLIST InstantaneousBeatsPerMinute bpm CDATA #REQUIRED time CDATA #REQUIRED>
<!ELEMENT Workout ((MetadataEntry|WorkoutStatistics)*)>
<!ATTLIST Workout
  workoutActivityType CDATA #REQUIRED
  duration CDATA #IMPLIED
  durationUnit CDATA #IMPLIED
  sourceName CDATA #REQUIRED
  sourceVersion CDATA #IMPLIED
  device CDATA #IMPLIED
  creationDate CDATA #IMPLIED
  startDate CDATA #REQUIRED
  endDate CDATA #REQUIRED
>
<!ELEMENT WorkoutStatistics EMPTY>
<!ATTLIST WorkoutStatistics
  type CDATA #REQUIRED
  startDate CDATA #REQUIRED
  endDate CDATA #REQUIRED
  sum CDATA #IMPLIED
  unit CDATA #IMPLIED
>
<!ELEMENT ActivitySummary EMPTY>
<!ATTLIST ActivitySummary
  dateComponents CDATA #IMPLIED
  activeEnergyBurned CDATA #IMPLIED
  activeEnergyBurnedGoal CDATA #IMPLIED
  activeEnergyBurnedUnit CDATA #IMPLIED
  appleMoveTime CDATA #IMPLIED
  appleMoveTimeGoal CDATA #IMPLIED
  appleExerciseTime CDATA #IMPLIED
  appleExerciseTimeGoal CDATA #IMPLIED
  appleStandHours CDATA #IMPLIED
  appleStandHoursGoal CDATA #IMPLIED
>
]>
`;

const ME = ` <Me HKCharacteristicTypeIdentifierDateOfBirth="" HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexNotSet" HKCharacteristicTypeIdentifierBloodType="HKBloodTypeNotSet" HKCharacteristicTypeIdentifierFitzpatrickSkinType="HKFitzpatrickSkinTypeNotSet" HKCharacteristicTypeIdentifierCardioFitnessMedicationsUse="None"/>\n`;
