import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { document } from "./document.ts";

/** Writes the description of the API to where the app has it from. */
writeFileSync(join(import.meta.dirname, "../src/openapi.json"), `${JSON.stringify(document, undefined, 2)}\n`);
