import { writeFileSync } from "node:fs";
import { document } from "./document.ts";
import { postmanCollection } from "./postman-collection.ts";

/** Writes the description of the API to where the app has it from, and the collection of requests that is made of it. */
write("../src/openapi.json", document);
write("../../../docs/users.postman_collection.json", postmanCollection());

function write(path: string, content: object): void {
  writeFileSync(new URL(path, import.meta.url), `${JSON.stringify(content, undefined, 2)}\n`);
}
