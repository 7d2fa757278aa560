import { writeFileSync } from "node:fs";
import { document } from "./document.ts";
import { createPostmanCollection } from "./postman-collection.ts";

// Writes the OpenAPI document that the app serves, and the Postman collection.
writeJson("../src/openapi.json", document);
writeJson("../../../docs/users.postman_collection.json", createPostmanCollection());

function writeJson(path: string, content: object): void {
  writeFileSync(new URL(path, import.meta.url), `${JSON.stringify(content, undefined, 2)}\n`);
}
