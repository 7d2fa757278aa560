import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { USER_ERROR_MESSAGES } from "@user-management/domain";
import { PROBLEM_TYPES } from "@user-management/rest-adapter";
import { unzipSync } from "fflate";
import { beforeAll, expect, test } from "vitest";
import { buildZip } from "./build-zip.ts";

const MAX_CODE_BYTES = 110_000;

let zip: Uint8Array;
let files: Record<string, Uint8Array>;

beforeAll(async () => {
  zip = await buildZip();
  files = unzipSync(zip);
});

test("the zip contains the code, the verifier of access tokens, the OpenAPI document and the notices", () => {
  expect(Object.keys(files)).toEqual(["index.mjs", "jwt-adapter.mjs", "openapi.json", "LICENSES.txt"]);
  const document = readFileSync(fileURLToPath(import.meta.resolve("@user-management/rest-adapter/openapi.json")));
  expect(document.equals(files["openapi.json"]!)).toBe(true);
});

test("the notices name every package in the code", () => {
  const sources = ["index.mjs", "jwt-adapter.mjs"].flatMap(listSources);
  const names = sources.flatMap((source) => /\.pnpm\/(?:@[^/]+\/)?([^@/]+)@/.exec(source)?.[1] ?? []);
  const notices = Buffer.from(files["LICENSES.txt"]!).toString();
  expect(new Set(names)).toEqual(new Set(["hono", "jose", "valibot"]));
  for (const name of names) expect(notices).toMatch(new RegExp(`^${name} [\\d.]+ \\(MIT\\)$`, "m"));
  expect(notices).toContain("Permission is hereby granted, free of charge");
});

test(`the code has at most ${MAX_CODE_BYTES} bytes`, () => {
  expect(files["index.mjs"]!.byteLength).toBeLessThanOrEqual(MAX_CODE_BYTES);
});

test("jose is in the file of the verifier only, which the code imports on demand", () => {
  const code = Buffer.from(files["index.mjs"]!).toString();
  const verifier = Buffer.from(files["jwt-adapter.mjs"]!).toString();
  expect(verifier).toContain("ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
  expect(code).not.toContain("ERR_JWS_");
  expect(code.match(/.{7}"\.\/jwt-adapter\.mjs"/g)).toEqual(['import("./jwt-adapter.mjs"']);
  expect(listSources("index.mjs").filter((source) => /jose|jwt-adapter/.test(source))).toEqual([]);
});

test("the verifier has the platform's fetch and its classes", () => {
  expect(listSources("jwt-adapter.mjs")).toContainEqual(expect.stringContaining("fetch-key-set.ts"));
  expect(listSources("jwt-adapter.mjs").filter((source) => source.includes("fetch-shim"))).toEqual([]);
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
  "@aws-sdk/",
  "@smithy/",
  "undici",
  "ensure-tables",
  "rest-adapter/openapi/",
])("the code contains nothing of %s", (path) => {
  expect(listSources("index.mjs").filter((source) => source.includes(path))).toEqual([]);
});

test("the code uses nothing of the global objects that the shims replace but what they have", () => {
  const { sources, sourcesContent } = readSourceMap("index.mjs");
  const texts = sourcesContent.filter((_, index) => !sources[index]!.endsWith("-shim.ts"));
  const uses = texts.flatMap((text) => text.match(/(?<![\w./])(?:crypto|performance)\.\w+/g) ?? []);
  expect(new Set(uses)).toEqual(new Set(["crypto.randomUUID", "performance.now"]));
});

/** Returns the paths of the sources of a bundle, at least one. */
function listSources(name: string): string[] {
  const { sources } = readSourceMap(name);
  expect(sources.length).toBeGreaterThan(0);
  return sources;
}

function readSourceMap(name: string): { sources: string[]; sourcesContent: string[] } {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../dist/${name}.map`), "utf8"));
}
