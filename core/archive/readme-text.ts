import type { EpochMs } from '../kernel/clock.ts';
import { instantText } from '../kernel/instant-text.ts';
import { ARCHIVE_FORMAT } from './model.ts';

/** What `README.txt` says, for whoever finds the archive years from now. */
export const readmeText = (madeAtMs: EpochMs): string => `CLARITY EXPORT
==============

Everything that a Clarity installation kept of one person, as it was at
${instantText(madeAtMs) ?? 'an unknown time'}. Format: ${ARCHIVE_FORMAT}.

These are health data. Keep the file as you would keep a letter from your doctor.

WHAT IS IN IT
  profile.json          The account: its id, e-mail address and name. No password, no token.
  uploads.ndjson        Each time that data were sent, what became of them, and where the sent bytes are (raw.key).
  metrics.ndjson        Single measurements, as clients sent them, one a line.
  samples/<type>.ndjson Measurements over time, one a line: start, end, value, unit, source (what recorded it), the UTC
                        offset in minutes where it is known, and the uploads that it came with.
  analyses.ndjson       Each analysis: the document as it was published (clarity.analysis/1) and the minutes it was made
                        of. "known" lists the stretches of minutes whose values are known; minute m of the d-th date
                        has the index d * 1440 + m.
  insights.ndjson       Explanations in words, with the numbers that they use.
  webhooks.ndjson       Where other systems are told of new results. Their secrets are not in here.
  audit-log.ndjson      What was done with these data, by whom and when, newest first. Who it was is told apart by actor_ref.
  raw/                  The files as they were sent, byte for byte.
  fhir/                 The measurements once more, for other programs: HL7 FHIR R4 (4.0.1), one resource a line, as in
                        FHIR Bulk Data. Codes are LOINC's where there is one that says just this; our own codes
                        (https://clarity.health/fhir/metric-types) are always there too. Units are UCUM's. What a device
                        computed from other measurements has the tag "derived".
  manifest.json         What each file is, with its size and SHA-256.

NDJSON is text with one JSON value a line (UTF-8). Times are ISO 8601; where a time is known more exactly than to the
millisecond, "<name>_ms" tells it in milliseconds since 1970-01-01T00:00:00Z. null means that something is not known.

TO BRING IT BACK
  Send the file to POST /api/v1/me/import of any Clarity installation, or run: clarity import FILE.zip --user ID
  It becomes part of the account that imports it. What the account has already stays as it is, so importing twice is the
  same as once. Uploads that were being worked on are not worked on by themselves; have them tried again. Passwords,
  webhooks and the profile are not imported. A file that was changed is refused: its SHA-256 is not the manifest's.

LICENCES
  The data are yours. The formats are free for anybody to use. LOINC (http://loinc.org) is copyright Regenstrief
  Institute, Inc. and the LOINC Committee, and is available at no cost under the licence at http://loinc.org/license.
  UCUM is copyright Regenstrief Institute, Inc. (https://ucum.org/license). FHIR is a trademark of HL7, and its
  specification is in the public domain (CC0).
`;
