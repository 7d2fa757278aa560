import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const REPOSITORY_ROOT = join(import.meta.dirname, "../../../..");

/** The documents of the repository, relative to its root. */
export const DOCUMENTS = globSync("{*.md,docs/*.md,packages/*/README.md}", { cwd: REPOSITORY_ROOT });

export function readDocument(document: string): string {
  return readFileSync(join(REPOSITORY_ROOT, document), "utf8");
}

/** Returns a document without its code blocks. */
export function readProse(document: string): string {
  return readDocument(document).replaceAll(/^```.*?^```/gms, "");
}

/** Returns the blocks of shell commands in a document. */
export function extractCommands(document: string): string[] {
  return findCommands(readDocument(document));
}

/** Returns the blocks of shell commands in each section of a document that contains any, by heading. */
export function extractSections(document: string): Record<string, string[]> {
  const sections = readDocument(document).split(/^##+ /m);
  const blocks = sections.map((section) => [section.split("\n", 1)[0]!, findCommands(section)] as const);
  return Object.fromEntries(blocks.filter(([, commands]) => commands.length > 0));
}

function findCommands(markdown: string): string[] {
  return [...markdown.matchAll(/^```bash\n(.*?)^```/gms)].map(([, block]) => block!);
}

/** Returns the code between backticks. */
export function extractCode(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}

/** Returns the cells of the table in the README whose first column has this heading. */
export function extractTable(heading: string): string[][] {
  const [table] = new RegExp(`^\\| ${heading} .*?(?=\\n\\n)`, "ms").exec(readDocument("README.md"))!;
  const rows = table.split("\n").map((row) => row.split("|").map((cell) => cell.trim()));
  return rows.slice(2).map((cells) => cells.slice(1, -1));
}
