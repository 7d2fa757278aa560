/** The blocks of TypeScript in a document. */
export function examplesIn(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
}

/** What an example says that it prints, line by line: behind every `console.log` stands `// prints …`. */
export function promisedBy(example: string): string[] {
  return example
    .split("\n")
    .filter((line) => line.includes("console."))
    .map((line) => /console\.log\(.*\); \/\/ prints (.*)$/.exec(line)?.[1] ?? `${line.trim()} promises nothing`);
}

/** The packages that a document tells to install. */
export function installedBy(markdown: string): string[] {
  return /^npm install (.*)$/m.exec(markdown)?.[1]?.split(" ") ?? [];
}
