import { join } from "node:path";
import { buildProgram } from "@user-management/build-tools";

/** Writes `dist/userctl.js`: the commands as one file that requires Node.js only. */
await buildProgram({
  entryPoint: join(import.meta.dirname, "src/userctl.ts"),
  outfile: join(import.meta.dirname, "dist/userctl.js"),
});
