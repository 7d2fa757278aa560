import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generateTypes } from "../generate.ts";

test("openapi.ts is what `pnpm openapi` generates from the OpenAPI document", async () => {
  expect(readFileSync(join(import.meta.dirname, "openapi.ts"), "utf8")).toBe(await generateTypes());
});
