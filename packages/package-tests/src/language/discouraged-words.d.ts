/** Returns the discouraged words and sentence beginnings in a text. Code between backticks does not count. */
export declare function findDiscouragedWords(text: string): string[];
