import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { expect } from "vitest";
import document from "../openapi.json" with { type: "json" };

const DOCUMENT = "openapi.json";

// Parameters and headers come as text; bodies have to be of the very type.
export const [ofBodies, ofText] = [false, true].map((coerceTypes) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, coerceTypes });
  formats.default(ajv);
  return ajv.addSchema(document, DOCUMENT);
}) as [Ajv2020, Ajv2020];

/** Expects that a value is as the schema at this place in the document says. */
export function expectValid(ajv: Ajv2020, pointer: string, value: unknown, name: string): void {
  const found = faults(ajv, pointer, value);
  expect(found, `${name} is as ${pointer} says: ${found.join(", ")} in ${JSON.stringify(value)}`).toEqual([]);
}

/** What is wrong with a value by the schema at this place in the document. */
export function faults(ajv: Ajv2020, pointer: string, value: unknown): string[] {
  const validate = ajv.getSchema(DOCUMENT + pointer)!;
  void validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`.trim());
}
