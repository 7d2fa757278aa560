import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { expect } from "vitest";
import document from "../openapi.json" with { type: "json" };

const DOCUMENT_ID = "openapi.json";

/** Validates JSON: values have exactly the type of the schema. */
export const jsonValidator = createValidator({ coerceTypes: false });

/** Validates parameters and headers, which are text: `"5"` is a valid integer. */
export const textValidator = createValidator({ coerceTypes: true });

function createValidator({ coerceTypes }: { coerceTypes: boolean }): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true, coerceTypes });
  formats.default(ajv);
  return ajv.addSchema(document, DOCUMENT_ID);
}

/** Expects a value to be valid against the schema at this location of the document. */
export function expectValid(validator: Ajv2020, pointer: string, value: unknown, label: string): void {
  const errors = validate(validator, pointer, value);
  expect(errors, `${label}: ${JSON.stringify(value)} violates ${pointer}: ${errors.join(", ")}`).toEqual([]);
}

/** Returns the violations of the schema at this location of the document. */
export function validate(validator: Ajv2020, pointer: string, value: unknown): string[] {
  const validateSchema = validator.getSchema(DOCUMENT_ID + pointer)!;
  void validateSchema(value);
  return (validateSchema.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`.trim());
}
