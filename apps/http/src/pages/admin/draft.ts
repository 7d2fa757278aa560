import type { Failure } from "./failure.ts";
import { INPUT_NAMES, type InputName } from "./fields.ts";
import type { Values } from "./values.ts";

/** A row of metadata in the form. Its id stays the same while its name is edited. */
export interface MetadataRow {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

/** The texts in the form, which may be invalid. The status is not among them: it has a button. */
export interface Draft {
  readonly inputs: Readonly<Record<InputName, string>>;
  readonly rows: readonly MetadataRow[];
}

let lastRowId = 0;

export function createRow(name = "", value = ""): MetadataRow {
  lastRowId += 1;
  return { id: lastRowId, name, value };
}

export function toDraft(values: Values): Draft {
  const inputs = Object.fromEntries(INPUT_NAMES.map((name) => [name, values[name] ?? ""])) as Draft["inputs"];
  const members = Object.entries(values).filter(([key]) => key.startsWith("metadata."));
  const rows = members.map(([key, value]) => createRow(key.slice("metadata.".length), value));
  return { inputs, rows };
}

/** Returns the values of a draft. An input without text and a row without any are absent. */
export function readDraft({ inputs, rows }: Draft): Values {
  return {
    ...Object.fromEntries(Object.entries(inputs).filter(([, text]) => text !== "")),
    ...Object.fromEntries(rows.filter(isUsed).map(({ name, value }) => [`metadata.${name}`, value])),
  };
}

function isUsed({ name, value }: MetadataRow): boolean {
  return name !== "" || value !== "";
}

/** Returns the failure of a draft in which two members have one name, because only one of them could be stored. */
export function validateNames({ rows }: Draft): Failure | undefined {
  const names = rows.filter(isUsed).map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return undefined;
  const message = "Two rows of metadata have the same name.";
  return { message, fields: { [`metadata.${repeated}`]: "Must differ from the other names." } };
}
