import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
export const REPOSITORY_ROOT = join(import.meta.dirname, "../../../..");
/** The documents of the repository, relative to its root. */
export const DOCUMENTS = globSync("{*.md,docs/*.md,packages/*/README.md}", { cwd: REPOSITORY_ROOT });
export function readDocument(document) {
    return readFileSync(join(REPOSITORY_ROOT, document), "utf8");
}
/** Returns a document without its code blocks. */
export function readProse(document) {
    return readDocument(document).replaceAll(/^```.*?^```/gms, "");
}
/** Returns the blocks of shell commands in a document. */
export function extractCommands(document) {
    return [...readDocument(document).matchAll(/^```bash\n(.*?)^```/gms)].map(([, block]) => block);
}
/** Returns the code between backticks. */
export function extractCode(text) {
    return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
}
/** Returns the cells of the table in the README whose first column has this heading. */
export function extractTable(heading) {
    const [table] = new RegExp(`^\\| ${heading} .*?(?=\\n\\n)`, "ms").exec(readDocument("README.md"));
    const rows = table.split("\n").map((row) => row.split("|").map((cell) => cell.trim()));
    return rows.slice(2).map((cells) => cells.slice(1, -1));
}
//# sourceMappingURL=read-document.js.map