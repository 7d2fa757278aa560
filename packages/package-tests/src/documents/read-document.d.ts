export declare const REPOSITORY_ROOT: string;
/** The documents of the repository, relative to its root. */
export declare const DOCUMENTS: string[];
export declare function readDocument(document: string): string;
/** Returns a document without its code blocks. */
export declare function readProse(document: string): string;
/** Returns the blocks of shell commands in a document. */
export declare function extractCommands(document: string): string[];
/** Returns the code between backticks. */
export declare function extractCode(text: string): string[];
/** Returns the cells of the table in the README whose first column has this heading. */
export declare function extractTable(heading: string): string[][];
