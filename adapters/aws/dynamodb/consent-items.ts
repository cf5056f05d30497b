import type { Consent, ConsentId, EmergencyAccess } from '../../../core/consent/model.ts';
import { userId, type UserId } from '../../../core/kernel/ids.ts';
import type { Item, ItemKey } from './dynamo-table.ts';
import { keyText, ownerKey } from './key-text.ts';

export const CONSENT_PREFIX = 'CONSENT#';
export const EMERGENCY_PREFIX = 'EMERGENCY#';
/** In the partition of whoever a consent is for, or who opened something: where it lies. */
export const CONSENT_FOR_PREFIX = 'CONSENTFOR#';
export const OPENED_PREFIX = 'OPENED#';

export const consentKey = (patient: UserId, id: ConsentId): ItemKey => ({
  pk: ownerKey(patient),
  sk: `${CONSENT_PREFIX}${keyText(id)}`,
});

const accessKey = (patient: UserId, id: string): ItemKey => ({
  pk: ownerKey(patient),
  sk: `${EMERGENCY_PREFIX}${keyText(id)}`,
});

/** The items of a consent: itself, and what finds it. Texts are JSON, which carries every text. */
export function consentItems(consent: Consent): { readonly item: Item; readonly finder: Item } {
  const { patient, consentId: id, grantee, revokedAtMs, ...content } = consent;
  const key = consentKey(patient, id);
  const finder = finderKey(grantee, CONSENT_FOR_PREFIX, key);
  return {
    item: {
      ...key,
      kind: 'consent',
      content: JSON.stringify({ patient, consentId: id, grantee, ...content }),
      // Compared in the form that keeps different people apart.
      grantee_key: keyText(grantee),
      ...(revokedAtMs === null ? {} : { revoked_at_ms: revokedAtMs }),
      finder_pk: finder.pk,
      finder_sk: finder.sk,
    },
    finder: { ...finder, kind: 'consent-for', item_pk: key.pk, item_sk: key.sk, ends_at_ms: consent.endsAtMs },
  };
}

export const consentOf = ({ content, revoked_at_ms: revokedAtMs }: Item): Consent => ({
  ...(JSON.parse(String(content)) as Omit<Consent, 'revokedAtMs'>),
  revokedAtMs: typeof revokedAtMs === 'number' ? revokedAtMs : null,
});

/** The items of an emergency access: itself, and what finds it by the clinician. */
export function accessItems(access: EmergencyAccess): { readonly item: Item; readonly finder: Item | null } {
  const { clinician, ...content } = access;
  const key = accessKey(access.patient, access.accessId);
  const finder = clinician === null ? null : finderKey(clinician, OPENED_PREFIX, key);
  return {
    item: {
      ...key,
      kind: 'emergency',
      content: JSON.stringify(content),
      ...(clinician === null ? {} : { clinician: JSON.stringify(clinician) }),
      ...(finder === null ? {} : { finder_pk: finder.pk, finder_sk: finder.sk }),
    },
    finder: finder === null ? null : { ...finder, kind: 'opened', item_pk: key.pk, item_sk: key.sk },
  };
}

export const accessOf = ({ content, clinician }: Item): EmergencyAccess => ({
  ...(JSON.parse(String(content)) as Omit<EmergencyAccess, 'clinician'>),
  clinician: typeof clinician === 'string' ? userId(JSON.parse(clinician) as string) : null,
});

/** What finds the item; null where nothing does any more. */
export const finderKeyOf = (item: Item): ItemKey | null =>
  typeof item['finder_pk'] === 'string' ? { pk: item['finder_pk'], sk: String(item['finder_sk']) } : null;

/** Both keys are short: their parts are hashed where they would not be. */
const finderKey = (person: UserId, prefix: string, item: ItemKey): ItemKey => ({
  pk: ownerKey(person),
  sk: `${prefix}${keyText(`${item.pk} ${item.sk}`)}`,
});
