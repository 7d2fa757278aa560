/** The guide to writing an adapter. Its examples are an adapter and the test of that adapter. */
export declare const ADAPTERS_DOCUMENT: string;
/** Returns the blocks of TypeScript in a document. */
export declare function extractExamples(markdown: string): string[];
/** Returns the lines of the documented output of an example: `// prints …` follows every `console.log` in it. */
export declare function extractExpectedOutput(example: string): string[];
/** Returns the packages in the `npm install` command of a document. */
export declare function extractInstalledPackages(markdown: string): string[];
