/** A piece of prose and the line on which it begins. */
export interface Passage {
    readonly line: number;
    readonly text: string;
}
/** Returns the prose of a file: comments and sentence-like strings of code, text and comments of documents. */
export declare function readPassages(file: string, text: string): Passage[];
