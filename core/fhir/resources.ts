/** The parts of FHIR R4 (4.0.1) that are written here; names and meanings are those of the specification. */
export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export interface CodeableConcept {
  readonly coding: readonly Coding[];
  readonly text?: string;
}

export interface Quantity {
  readonly value: number;
  readonly unit: string;
  readonly system: 'http://unitsofmeasure.org';
  /** UCUM. */
  readonly code: string;
}

/** What an observation or one of its components says; exactly one of the members is there. */
export type ObservedValue =
  | { readonly valueQuantity: Quantity }
  | { readonly valueCodeableConcept: CodeableConcept }
  | { readonly valueInteger: number }
  | { readonly valueString: string }
  | { readonly dataAbsentReason: CodeableConcept };

/** When it was observed. */
export type Effective =
  | { readonly effectiveDateTime: string }
  | { readonly effectivePeriod: { readonly start: string; readonly end: string } };

interface ObservationFacts {
  readonly resourceType: 'Observation';
  readonly id: string;
  readonly meta?: { readonly tag: readonly Coding[] };
  readonly status: 'final';
  readonly category?: readonly CodeableConcept[];
  readonly code: CodeableConcept;
  readonly subject: { readonly reference: string };
  /** What measured it, by its name. */
  readonly device?: { readonly display: string };
  readonly component?: readonly ({ readonly code: CodeableConcept } & ObservedValue)[];
}

/** A measurement; with components, the value may be in them alone. */
export type Observation = ObservationFacts & Effective & (ObservedValue | object);

export interface Patient {
  readonly resourceType: 'Patient';
  readonly id: string;
  readonly active: true;
  readonly name?: readonly { readonly text: string }[];
  readonly telecom?: readonly { readonly system: 'email'; readonly value: string }[];
}
