import { writeFileSync } from "node:fs";
import { join } from "node:path";
import document from "@user-management/rest-adapter/openapi.json" with { type: "json" };
import openapiTS, { astToString } from "openapi-typescript";

/** The types of everything that the description of the API describes, as a module. */
export async function generateTypes(): Promise<string> {
  const nodes = await openapiTS(JSON.stringify(document));
  return `// Written by generate.ts from the API's description.\n\n${astToString(nodes)}`;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, "src/openapi.ts"), await generateTypes());
