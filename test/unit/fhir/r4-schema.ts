import * as assert from 'uvu/assert';

/** An element of a FHIR resource: how often it may be there, and what it is. */
interface Element {
  readonly least: 0 | 1;
  readonly isList?: boolean;
  readonly is: (value: unknown, path: string) => void;
}

type Elements = Readonly<Record<string, Element>>;

const text =
  (pattern: RegExp) =>
  (value: unknown, path: string): void => {
    assert.ok(typeof value === 'string' && pattern.test(value), `${path}: ${String(value)}`);
  };
const anyText = text(/^[\s\S]*\S[\s\S]*$/);
const code = text(/^[^\s]+(\s[^\s]+)*$/);
const uri = text(/^\S+$/);
const id = text(/^[A-Za-z0-9\-.]{1,64}$/);
/** The pattern of the specification, with the time, which needs an offset. */
const dateTime = text(
  /^(\d(\d(\d[1-9]|[1-9]0)|[1-9]00)|[1-9]000)-(0[1-9]|1[0-2])-(0[1-9]|[1-2]\d|3[0-1])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|(\+|-)((0\d|1[0-3]):[0-5]\d|14:00))$/,
);
const decimal = (value: unknown, path: string): void => {
  assert.ok(typeof value === 'number' && Number.isFinite(value), path);
};
const integer = (value: unknown, path: string): void => {
  assert.ok(Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31, path);
};
const truth = (value: unknown, path: string): void => {
  assert.type(value, 'boolean', path);
};

const part =
  (elements: Elements, choices: readonly (readonly string[])[] = []) =>
  (value: unknown, path: string): void => {
    assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), path);
    const fields = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(fields)) assert.ok(name in elements, `${path}.${name} is no element`);
    for (const [name, { least, isList, is }] of Object.entries(elements)) {
      const given = fields[name];
      if (given === undefined) {
        assert.is(least, 0, `${path}.${name} is missing`);
        continue;
      }
      if (isList !== true) is(given, `${path}.${name}`);
      else {
        assert.ok(Array.isArray(given) && given.length > 0, `${path}.${name} is an empty list, or none`);
        given.forEach((item, i) => is(item, `${path}.${name}[${i}]`));
      }
    }
    for (const choice of choices) {
      const taken = Object.keys(fields).filter((name) => choice.includes(name));
      assert.ok(taken.length <= 1, `${path} has ${taken.join(' and ')}`);
    }
  };

const one = (is: Element['is']): Element => ({ least: 1, is });
const maybe = (is: Element['is']): Element => ({ least: 0, is });
const some = (is: Element['is']): Element => ({ least: 1, isList: true, is });
const any = (is: Element['is']): Element => ({ least: 0, isList: true, is });

const coding = part({ system: one(uri), code: one(code), display: maybe(anyText) });
const concept = part({ coding: some(coding), text: maybe(anyText) });
const quantity = part({
  value: one(decimal),
  unit: one((value, path) => {
    assert.type(value, 'string', path);
  }),
  system: one(text(/^http:\/\/unitsofmeasure\.org$/)),
  code: one(code),
});
const values = {
  valueQuantity: maybe(quantity),
  valueCodeableConcept: maybe(concept),
  valueInteger: maybe(integer),
  valueString: maybe(anyText),
  dataAbsentReason: maybe(concept),
};
const VALUES = ['valueQuantity', 'valueCodeableConcept', 'valueInteger', 'valueString', 'dataAbsentReason'];

const component = part({ code: one(concept), ...values }, [VALUES]);

const observation = part(
  {
    resourceType: one(text(/^Observation$/)),
    id: one(id),
    meta: maybe(part({ tag: some(coding) })),
    status: one(text(/^(registered|preliminary|final|amended)$/)),
    category: any(concept),
    code: one(concept),
    subject: one(part({ reference: one(text(/^Patient\/[A-Za-z0-9\-.]{1,64}$/)) })),
    effectiveDateTime: maybe(dateTime),
    effectivePeriod: maybe(part({ start: one(dateTime), end: one(dateTime) })),
    device: maybe(part({ display: one(anyText) })),
    component: any(component),
    ...values,
  },
  [VALUES, ['effectiveDateTime', 'effectivePeriod']],
);

/**
 * Fails where the resource is no Observation by the cardinalities of FHIR R4 (4.0.1), or lacks what is optional there but
 * has to be here: an id, one time, and one value or components that have one each.
 */
export function assertObservation(resource: unknown): void {
  const sent: unknown = JSON.parse(JSON.stringify(resource));
  observation(sent, 'Observation');
  const fields = sent as Readonly<Record<string, unknown>> & {
    readonly effectivePeriod?: { readonly start: string; readonly end: string };
    readonly component?: readonly object[];
  };
  assert.ok('effectiveDateTime' in fields || 'effectivePeriod' in fields, 'there is no time');
  const { effectivePeriod: period, component: parts = [] } = fields;
  // per-1 of the specification
  if (period !== undefined) assert.ok(Date.parse(period.start) <= Date.parse(period.end), 'it ends before it starts');
  assert.ok(parts.length > 0 || VALUES.some((name) => name in fields), 'there is no value');
  for (const each of parts)
    assert.ok(
      VALUES.some((name) => name in each),
      'a component has no value',
    );
}

/** Fails where the resource is no Patient. */
export const assertPatient = (resource: unknown): void => {
  part({
    resourceType: one(text(/^Patient$/)),
    id: one(id),
    active: maybe(truth),
    name: any(part({ text: one(anyText) })),
    telecom: any(part({ system: one(text(/^email$/)), value: one(anyText) })),
  })(JSON.parse(JSON.stringify(resource)), 'Patient');
};
