import { join } from "node:path";
import { readServerSettings } from "@user-management/http/testing";
import { PROBLEM_TYPES } from "@user-management/rest-adapter";
import openapi from "@user-management/rest-adapter/openapi.json" with { type: "json" };
import { expect, test } from "vitest";
import { extractCode, extractTable, REPOSITORY_ROOT } from "./read-document.ts";

test("the README lists every problem type with its status code, and no other", () => {
  const rows = extractTable("type").flatMap(([types, statuses]) => {
    const codes = statuses!.split(", ").map(Number);
    return extractCode(types!).map((type, index) => `${type} ${codes[index] ?? codes[0]}`);
  });
  const expected = Object.entries(PROBLEM_TYPES).map(([type, { status }]) => `${type} ${status}`);
  expect(rows.toSorted()).toEqual(expected.toSorted());
});

test("the README lists the defaults of the settings", () => {
  const rows = extractTable("variable").flatMap(([names, defaults]) => {
    const values = extractCode(defaults!);
    return extractCode(names!).map((name, index) => [name, values[index]] as const);
  });
  const documented = Object.fromEntries(rows);
  const { HOST, PORT, USERS_STORE, USERS_TABLE, LOG_LEVEL, SQLITE_PATH } = readServerSettings({});
  expect(documented).toMatchObject({ HOST, PORT: String(PORT), USERS_STORE, USERS_TABLE, LOG_LEVEL });
  expect(SQLITE_PATH).toBe(join(REPOSITORY_ROOT, documented["SQLITE_PATH"]!));
});

function extractMaxLength({ description }: { readonly description: string }): string {
  return /at most (\d+) characters/.exec(description)![1]!;
}

test("the README lists the fields and their rules as the OpenAPI document does", () => {
  const { properties, required } = openapi.components.schemas.NewUser;
  const rows = extractTable("field").map(([field, isRequired, rule]) => ({
    field: extractCode(field!)[0]!,
    isRequired,
    rule: rule!,
  }));
  expect(rows.map(({ field }) => field)).toEqual(Object.keys(properties));
  expect(rows.filter(({ isRequired }) => isRequired === "yes").map(({ field }) => field)).toEqual(required);
  const rules = Object.fromEntries(rows.map(({ field, rule }) => [field, rule])) as Record<
    keyof typeof properties,
    string
  >;

  const { lastname, firstname, dob, address, gender, phone_number, external_id, status, metadata } = properties;
  expect(rules.lastname).toContain(`${lastname.minLength}–${extractMaxLength(lastname)} characters`);
  expect(rules.address).toContain(`${address.minLength}–${extractMaxLength(address)} characters`);
  expect(rules.firstname).toContain("as `lastname`");
  expect({ ...firstname, description: "" }).toEqual({ ...lastname, description: "" });
  const [, earliest] = /from (\S+) to today/.exec(dob.description)!;
  expect(rules.dob).toContain(`from ${earliest} to today (UTC)`);
  expect(extractCode(rules.gender)).toEqual(gender.enum);
  const [, fewest, most] = /(\d+) to (\d+) digits/.exec(phone_number.description)!;
  expect(rules.phone_number).toContain(`${fewest}–${most} digits`);
  expect(rules.external_id).toContain(`as \`lastname\`, up to ${extractMaxLength(external_id)} characters`);
  expect(extractCode(rules.status)).toEqual(status.enum);
  const { maxProperties, propertyNames, additionalProperties } = metadata;
  expect(rules.metadata).toContain(`at most ${maxProperties} texts of ${additionalProperties.maxLength} characters`);
  const [, characters, shortest, longest] = /(\[.*\])\{(\d+),(\d+)\}/.exec(propertyNames.pattern)!;
  expect(rules.metadata).toContain(`${shortest}–${longest} characters of \`${characters}\``);
});
