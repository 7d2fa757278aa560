import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";
import { expect, test } from "vitest";

const app = join(import.meta.dirname, "..");
const zip = join(app, "dist/lambda.zip");

function build(): Buffer {
  execFileSync(process.execPath, [join(app, "build.ts")]);
  return readFileSync(zip);
}

test("the zip holds one file of at most 260 KB and the description, its source map lies beside it, and the same source makes the same bytes", () => {
  const first = build();
  const files = unzipSync(first);
  expect(Object.keys(files)).toEqual(["index.mjs", "openapi.json"]);
  expect(files["index.mjs"]!.byteLength).toBeLessThanOrEqual(260_000);
  const description = fileURLToPath(import.meta.resolve("@user-management/rest-adapter/openapi.json"));
  expect(readFileSync(description).equals(files["openapi.json"]!)).toBe(true);
  expect(Buffer.from(files["index.mjs"]!).includes("Changes with every stored change")).toBe(false);
  expect(existsSync(join(app, "dist/index.mjs.map"))).toBe(true);
  expect(build().equals(first)).toBe(true);
});

test("the function carries nothing of other apps, and no search for credentials", () => {
  const { sources } = JSON.parse(readFileSync(join(app, "dist/index.mjs.map"), "utf8")) as { sources: string[] };
  for (const name of [
    "sqlite-adapter",
    "pino",
    "@hono/node-server",
    "swagger-ui",
    "credential-provider-",
    "ensure-users-table",
  ]) {
    expect(sources.filter((source) => source.includes(name))).toEqual([]);
  }
});
