import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { USER_ERROR_MESSAGES } from "@user-management/domain";
import { PROBLEM_TYPES } from "@user-management/rest-adapter";
import { unzipSync } from "fflate";
import { beforeAll, expect, test } from "vitest";
import { buildZip } from "./build-zip.ts";

const MAX_CODE_BYTES = 260_000;

let zip: Uint8Array;
let files: Record<string, Uint8Array>;

beforeAll(async () => {
  zip = await buildZip();
  files = unzipSync(zip);
});

test("the zip contains the code and the OpenAPI document", () => {
  expect(Object.keys(files)).toEqual(["index.mjs", "openapi.json"]);
  const document = readFileSync(fileURLToPath(import.meta.resolve("@user-management/rest-adapter/openapi.json")));
  expect(document.equals(files["openapi.json"]!)).toBe(true);
});

test(`the code has at most ${MAX_CODE_BYTES} bytes`, () => {
  expect(files["index.mjs"]!.byteLength).toBeLessThanOrEqual(MAX_CODE_BYTES);
});

test("the same sources produce the same bytes", async () => {
  expect(Buffer.compare(await buildZip(), zip)).toBe(0);
});

test("the code contains no text of the OpenAPI document", () => {
  const code = Buffer.from(files["index.mjs"]!).toString();
  const document = Buffer.from(files["openapi.json"]!).toString();
  // The function sends the details of problems, which some descriptions consist of.
  const details = new Set<string>([
    ...Object.values(PROBLEM_TYPES).map(({ detail }) => detail),
    USER_ERROR_MESSAGES["not-found"],
  ]);
  const texts = new Set<string>();
  JSON.parse(document, (name, value: unknown) => {
    if ((name === "description" || name === "summary") && typeof value === "string") texts.add(value);
    return value;
  });
  expect(texts.size).toBeGreaterThan(50);
  expect([...texts].filter((text) => code.includes(text) && !details.has(text))).toEqual([]);
});

test.for([
  "sqlite-adapter",
  "pino",
  "@hono/node-server",
  "swagger-ui",
  "credential-provider-",
  "ensure-users-table",
  "rest-adapter/openapi/",
])("the code contains nothing of %s", (path) => {
  const sourceMap = readFileSync(join(import.meta.dirname, "../dist/index.mjs.map"), "utf8");
  const { sources } = JSON.parse(sourceMap) as { sources: string[] };
  expect(sources.length).toBeGreaterThan(0);
  expect(sources.filter((source) => source.includes(path))).toEqual([]);
});
