import { err, ok, type Result, type ResultAsync } from 'neverthrow';
import {
  isInForce,
  newestFirst,
  type Consent,
  type ConsentId,
  type EmergencyAccess,
} from '../../../core/consent/model.ts';
import type { ConsentStore } from '../../../core/consent/ports.ts';
import type { EpochMs } from '../../../core/kernel/clock.ts';
import { notFound, type NotFound, type PortUnavailable } from '../../../core/kernel/errors.ts';
import type { UserId } from '../../../core/kernel/ids.ts';
import { compareCodePoints } from '../../../core/kernel/text-order.ts';
import { orUnavailable } from '../aws-caller.ts';
import {
  accessItems,
  accessOf,
  CONSENT_FOR_PREFIX,
  CONSENT_PREFIX,
  consentItems,
  consentKey,
  consentOf,
  EMERGENCY_PREFIX,
  finderKeyOf,
  OPENED_PREFIX,
} from './consent-items.ts';
import { ABSENT, PRESENT, type DynamoTable, type Expression, type Item } from './dynamo-table.ts';
import { itemKeyOf } from './finder.ts';
import { endOf, keyText, ownerKey } from './key-text.ts';

/**
 * Consents and emergency accesses in the single table. A consent is one item of the patient, `CONSENT#<id>`, and what it
 * says is the truth; `CONSENTFOR#<key>` in the partition of whoever it is for finds it. What finds an item is written
 * before it, so that whoever it is for finds all that is there. Erasing goes from one side to the other and removes what it
 * came from last, so that one that ended early can go on.
 */
export class DynamoConsentStore implements ConsentStore {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  insert(consent: Consent): ResultAsync<void, PortUnavailable> {
    const { item, finder } = consentItems(consent);
    return orUnavailable('ConsentStore', 'insert', this.#insert(item, finder));
  }

  revoke(patient: UserId, id: ConsentId, atMs: EpochMs): ResultAsync<Consent, NotFound | PortUnavailable> {
    const work = async (): Promise<Result<Consent, NotFound>> => {
      const revoked = await this.#table.update(consentKey(patient, id), revoking(atMs), PRESENT);
      return revoked === null ? err(notFound('consent', id)) : ok(consentOf(revoked));
    };
    return orUnavailable('ConsentStore', 'revoke', work()).andThen((revoked) => revoked);
  }

  ofPatient(patient: UserId): ResultAsync<readonly Consent[], PortUnavailable> {
    const work = this.#items(patient, CONSENT_PREFIX).then((items) => items.map(consentOf).sort(newestFirst));
    return orUnavailable('ConsentStore', 'ofPatient', work);
  }

  forGrantee(grantee: UserId, nowMs: EpochMs): ResultAsync<readonly Consent[], PortUnavailable> {
    const work = async (): Promise<readonly Consent[]> => {
      const finders = await this.#items(grantee, CONSENT_FOR_PREFIX, endingAfter(nowMs));
      const items = await this.#table.getMany(finders.map(itemKeyOf));
      return inForce(items, nowMs);
    };
    return orUnavailable('ConsentStore', 'forGrantee', work());
  }

  between(patient: UserId, grantee: UserId, nowMs: EpochMs): ResultAsync<readonly Consent[], PortUnavailable> {
    const work = this.#items(patient, CONSENT_PREFIX, isFor(grantee)).then((items) => inForce(items, nowMs));
    return orUnavailable('ConsentStore', 'between', work);
  }

  insertEmergency(access: EmergencyAccess): ResultAsync<void, PortUnavailable> {
    const { item, finder } = accessItems(access);
    return orUnavailable('ConsentStore', 'insertEmergency', this.#insert(item, finder));
  }

  emergencies(patient: UserId): ResultAsync<readonly EmergencyAccess[], PortUnavailable> {
    const work = this.#items(patient, EMERGENCY_PREFIX).then((items) =>
      items.map(accessOf).sort((a, b) => b.openedAtMs - a.openedAtMs || compareCodePoints(a.accessId, b.accessId)),
    );
    return orUnavailable('ConsentStore', 'emergencies', work);
  }

  eraseOwner(owner: UserId): ResultAsync<void, PortUnavailable> {
    const work = async (): Promise<void> => {
      for (const prefix of [CONSENT_PREFIX, EMERGENCY_PREFIX]) {
        for (const item of await this.#items(owner, prefix)) {
          const finder = finderKeyOf(item);
          if (finder !== null) await this.#table.delete(finder);
          await this.#table.delete(item);
        }
      }
      for (const finder of await this.#items(owner, CONSENT_FOR_PREFIX)) {
        await this.#table.delete(itemKeyOf(finder));
        await this.#table.delete(finder);
      }
      for (const finder of await this.#items(owner, OPENED_PREFIX)) {
        await this.#table.update(itemKeyOf(finder), WITHOUT_CLINICIAN, PRESENT);
        await this.#table.delete(finder);
      }
    };
    return orUnavailable('ConsentStore', 'eraseOwner', work());
  }

  /** An item that is there already keeps what finds it; a finder of nothing, or of what is for another, finds nothing. */
  async #insert(item: Item, finder: Item | null): Promise<void> {
    if ((await this.#table.get(item)) !== null) return;
    if (finder !== null) await this.#table.put(finder);
    await this.#table.put(item, ABSENT);
  }

  async #items(person: UserId, prefix: string, filter?: Expression): Promise<Item[]> {
    const items: Item[] = [];
    const range = {
      pk: ownerKey(person),
      from: prefix,
      to: endOf(prefix),
      ...(filter === undefined ? {} : { filter }),
    };
    for await (const item of this.#table.query(range)) items.push(item);
    return items;
  }
}

const inForce = (items: readonly Item[], nowMs: EpochMs): readonly Consent[] =>
  items
    .map(consentOf)
    .filter((consent) => isInForce(consent, nowMs))
    .sort(newestFirst);

const revoking = (atMs: EpochMs): Expression => ({
  text: 'SET #revoked = if_not_exists(#revoked, :at)',
  names: { '#revoked': 'revoked_at_ms' },
  values: { ':at': atMs },
});

const WITHOUT_CLINICIAN: Expression = {
  text: 'REMOVE #clinician, #pk, #sk',
  names: { '#clinician': 'clinician', '#pk': 'finder_pk', '#sk': 'finder_sk' },
};

const isFor = (grantee: UserId): Expression => ({
  text: '#grantee = :grantee',
  names: { '#grantee': 'grantee_key' },
  values: { ':grantee': keyText(grantee) },
});

const endingAfter = (nowMs: EpochMs): Expression => ({
  text: '#ends > :now',
  names: { '#ends': 'ends_at_ms' },
  values: { ':now': nowMs },
});
