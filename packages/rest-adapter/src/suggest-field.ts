import { USER_FIELD_NAMES, type UserFieldName, type UserIssue } from "@user-management/domain";

/** Adds to the issue of an unknown field the name of the field that the client probably meant. */
export function addSuggestion(issue: UserIssue): UserIssue {
  if (issue.code !== "unknown-field") return issue;
  const suggestion = suggestField(issue.pointer.slice("#/".length));
  return suggestion === undefined ? issue : { ...issue, detail: `${issue.detail}; did you mean ${suggestion}?` };
}

/** Returns the field whose name differs from an unknown one by its case, by separators or by one typing error. */
function suggestField(unknownName: string): UserFieldName | undefined {
  // The limit bounds the time that a body with thousands of long names takes.
  if (unknownName.length > 2 * MAX_NAME_LENGTH) return undefined;
  const name = simplify(unknownName);
  return USER_FIELD_NAMES.find((field) => isSimilar(name, simplify(field)));
}

const MAX_NAME_LENGTH = Math.max(...USER_FIELD_NAMES.map((field) => field.length));

/** Returns a name without case and separators, as `lastName` and `last-name` have them. */
function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Reports whether two names are equal except for one character that is added, missing, replaced or swapped with the next. */
function isSimilar(name: string, field: string): boolean {
  let start = 0;
  while (start < field.length && name[start] === field[start]) start += 1;
  const [rest, fieldRest] = [name.slice(start), field.slice(start)];
  return (
    rest === fieldRest ||
    rest.slice(1) === fieldRest ||
    rest === fieldRest.slice(1) ||
    rest.slice(1) === fieldRest.slice(1) ||
    (rest[0] === fieldRest[1] && rest[1] === fieldRest[0] && rest.slice(2) === fieldRest.slice(2))
  );
}
