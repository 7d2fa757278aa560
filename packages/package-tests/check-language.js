import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readPassages } from "./src/language/read-passages.js";
import { findDiscouragedWords } from "./src/language/discouraged-words.js";
/**
 * Checks the prose of the repository against the glossary: comments, Markdown, test titles, messages and the texts of
 * the OpenAPI document. Prints every discouraged word, and fails if there is one.
 */
const root = join(import.meta.dirname, "../..");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
});
let wordCount = 0;
const findings = [];
for (const file of files.trim().split("\n")) {
    for (const passage of readPassages(file, readFileIfPresent(join(root, file)))) {
        wordCount += passage.text.match(/[A-Za-z][\w'’-]*/g)?.length ?? 0;
        findings.push(...findDiscouragedWords(passage.text).map((word) => describeFinding(file, passage, word)));
    }
}
if (findings.length > 0) {
    process.stderr.write(`${findings.join("\n")}\n${findings.length} discouraged words; see CONTRIBUTING.md.\n`);
    process.exitCode = 1;
}
else {
    process.stdout.write(`No discouraged word in ${wordCount} words of prose.\n`);
}
/** A deleted file is listed until its deletion is staged. */
function readFileIfPresent(path) {
    try {
        return readFileSync(path, "utf8");
    }
    catch (error) {
        if (error.code === "ENOENT")
            return "";
        throw error;
    }
}
function describeFinding(file, { line, text }, word) {
    return `${file}:${line}: "${word}" in: ${text.trim().replaceAll(/\s+/g, " ").slice(0, 120)}`;
}
//# sourceMappingURL=check-language.js.map