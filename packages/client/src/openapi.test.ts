import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generateTypes } from "../generate.ts";

test("the types are those of the API's description; `pnpm openapi` writes them", async () => {
  expect(readFileSync(join(import.meta.dirname, "openapi.ts"), "utf8")).toBe(await generateTypes());
});
