import jsTokens from "js-tokens";

/** A piece of prose and the line on which it begins. */
export interface Passage {
  readonly line: number;
  readonly text: string;
}

/** Generated and third-party files, and the test of this check. */
const IGNORED_FILES = /(?:^|\/)(?:pnpm-lock\.yaml|CHANGELOG\.md|LICENSE|client\/src\/openapi\.ts|language\.test\.ts)$/;

/** Returns the prose of a file: comments and sentence-like strings of code, text and comments of documents. */
export function readPassages(file: string, text: string): Passage[] {
  if (IGNORED_FILES.test(file)) return [];
  if (/\.(?:[cm]?[jt]sx?)$/.test(file)) return readCode(text, file.endsWith("x"));
  if (file.endsWith(".md")) return readMarkdown(text);
  if (file.endsWith("openapi.json")) return readOpenApi(text);
  if (/\.ya?ml$|(?:^|\/)\.ci\/run$/.test(file)) return readLines(text, /^\s*#(?!!) ?(.*)$/);
  return [];
}

function readCode(code: string, isJsx: boolean): Passage[] {
  const passages: Passage[] = [];
  let line = 1;
  let commentLine: number | undefined;
  for (const { type, value } of jsTokens(code, { jsx: isJsx })) {
    if (type === "SingleLineComment") {
      // The comments of consecutive lines are one passage.
      const block = commentLine === line - 1 ? passages.pop() : undefined;
      passages.push({ line: block?.line ?? line, text: [block?.text, value.slice(2)].join("\n").trim() });
      commentLine = line;
    } else if (type === "MultiLineComment") {
      passages.push({ line, text: stripCommentMarks(value) });
    } else if (/^(?:StringLiteral|NoSubstitutionTemplate|Template|JSXText|JSXString)/.test(type) && isSentence(value)) {
      passages.push({ line, text: value.replaceAll(/^["'`}]|["'`]$|\$\{$/g, "") });
      commentLine = undefined;
    }
    line += value.split("\n").length - 1;
  }
  return passages;
}

/** Removes the marks of a comment, and replaces each tag with a period, so that a new sentence begins after it. */
function stripCommentMarks(comment: string): string {
  const text = comment.replaceAll(/^\/\*+|\*\/$/g, "").replaceAll(/^[ \t]*\* ?/gm, "");
  return text.replaceAll(/@(?:throws|returns|param \w+)/g, ".").trim();
}

/** Reports whether a string is a message, title or description: three or more words without signs of code. */
function isSentence(literal: string): boolean {
  return (
    (literal.match(/ /g)?.length ?? 0) >= 2 &&
    !/[{};<]|=>|\\[rx]|\b(?:SELECT|CREATE|INSERT)\b/.test(literal.slice(1, -1))
  );
}

/** Returns the text outside code blocks, and the comments in code blocks. */
function readMarkdown(markdown: string): Passage[] {
  const prose = markdown.replaceAll(/^```.*?^```/gms, (block) =>
    block.replaceAll(/^.*$/gm, (codeLine) => /(?:^|\s)(?:#|\/\/) (.*)$/.exec(codeLine)?.[1] ?? ""),
  );
  return readLines(prose, /^(.*)$/);
}

function readOpenApi(json: string): Passage[] {
  return readLines(json, /^\s*"(?:description|summary|title|detail)": "(.*)",?$/);
}

function readLines(text: string, pattern: RegExp): Passage[] {
  return text.split("\n").flatMap((content, index) => {
    const match = pattern.exec(content)?.[1] ?? "";
    return match === "" ? [] : [{ line: index + 1, text: match }];
  });
}
