import { expect, test } from "vitest";
import { findDiscouragedWords } from "./discouraged-words.js";
import { readPassages } from "./read-passages.js";
test.for([
    ["an idiom", "The server `answers` and answers again.", ["answers"]],
    ["a sentence that begins with a pronoun", "Done. What is stored stays.", ["What"]],
    ["a title that begins with a pronoun", "what is stored stays", ["what"]],
    ["a rejected request", "The request is refused.", ["refused"]],
    ["a refused connection", "The connection is refused, or it refuses a connection.", []],
    ["plain English", "Returns the user with this id, or `undefined`.", []],
    ["words that contain a discouraged word", "An assay of essays and tasks with foretold ends.", []],
])("finds discouraged words in %s", ([, text, words]) => {
    expect(findDiscouragedWords(text)).toEqual(words);
});
test("reads comments and sentence-like strings of code, with their lines", () => {
    const code = [
        "// The first line",
        "// and the second.",
        "const answer = 1;",
        "/**",
        " * Returns it.",
        " *",
        " * @throws Error if there is none",
        " */",
        'test("returns the user", () => {});',
        "const url = `a ${c} d`; // the end",
        "const sql = 'SELECT a FROM b';",
        "const word = 'answer';",
    ].join("\n");
    expect(readPassages("a/b.ts", code)).toEqual([
        { line: 1, text: "The first line\n and the second." },
        { line: 4, text: "Returns it.\n\n. Error if there is none" },
        { line: 9, text: "returns the user" },
        { line: 10, text: "the end" },
    ]);
});
test("reads the text of Markdown and the comments of its code blocks", () => {
    const markdown = ["# Title", "", "```bash", "npx pnpm start   # starts it", "rm -r x", "```", "Text."].join("\n");
    expect(readPassages("README.md", markdown).map(({ line, text }) => `${line} ${text}`)).toEqual([
        "1 # Title",
        "4 starts it",
        "7 Text.",
    ]);
});
test("reads the texts of the OpenAPI document and the comments of YAML files", () => {
    expect(readPassages("src/openapi.json", '{\n  "description": "A text.",\n  "type": "object"\n}')).toEqual([
        { line: 2, text: "A text." },
    ]);
    expect(readPassages("pnpm-workspace.yaml", "# A comment.\npackages:\n")).toEqual([{ line: 1, text: "A comment." }]);
});
test("ignores generated and third-party files", () => {
    for (const file of ["LICENSE", "pnpm-lock.yaml", "packages/client/src/openapi.ts"]) {
        expect(readPassages(file, "// answer")).toEqual([]);
    }
});
//# sourceMappingURL=language.test.js.map