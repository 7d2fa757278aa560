import { readDocument } from "../documents/read-document.js";
/** The guide to writing an adapter. Its examples are an adapter and the test of that adapter. */
export const ADAPTERS_DOCUMENT = readDocument("docs/adapters.md");
/** Returns the blocks of TypeScript in a document. */
export function extractExamples(markdown) {
    return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
}
/** Returns the lines of the documented output of an example: `// prints …` follows every `console.log` in it. */
export function extractExpectedOutput(example) {
    return example
        .split("\n")
        .filter((line) => line.includes("console."))
        .map((line) => /console\.log\(.*\); \/\/ prints (.*)$/.exec(line)?.[1] ?? `No output is documented: ${line.trim()}`);
}
/** Returns the packages in the `npm install` command of a document. */
export function extractInstalledPackages(markdown) {
    return /^npm install (.*)$/m.exec(markdown)?.[1]?.split(" ") ?? [];
}
//# sourceMappingURL=examples.js.map