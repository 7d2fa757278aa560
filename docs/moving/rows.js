import { createReadStream, readFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";

const GENDERS = ["Male", "Female", "Non-binary", "Other", "Unspecified"];

/**
 * Writes a row of NDJSON for each user of an export, in the same order: row n of the import is user n. A value that is no
 * object is written as it is, so that the import reports its row.
 */
export async function writeRows(users, toMembers) {
  async function* formatRows() {
    for await (const user of users) {
      const isObject = typeof user === "object" && user !== null;
      yield `${JSON.stringify(isObject ? createRow(toMembers(user)) : user)}\n`;
    }
  }
  try {
    await pipeline(formatRows, process.stdout, { end: false });
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/** Reads files, each of which is a list of users or an object with the list as its member `users` or `Users`. */
export function* readUsers(paths) {
  if (paths.length === 0) throw new Error("Each argument must be a file of the export.");
  for (const path of paths) {
    const content = parseJson(readFileSync(path, "utf8"));
    const users = Array.isArray(content) ? content : (content?.users ?? content?.Users);
    if (!Array.isArray(users)) throw new Error(`The file ${path} is not JSON with a list of users.`);
    yield* users;
  }
}

/** Reads the value of each line. Unlike `readline` it does not split a text that contains U+2028. */
export async function* readLines(path) {
  if (path === undefined) throw new Error("The argument must be the file of the export.");
  let rest = "";
  for await (const chunk of createReadStream(path, "utf8")) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop();
    for (const line of lines) if (line.trim() !== "") yield parseJson(line);
  }
  if (rest.trim() !== "") yield parseJson(rest);
}

/** Returns the value of a JSON text, or the text itself if it is not JSON. */
export function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Formats members as the fields of the service. An empty value is an absent one; an invalid value is left to the import. */
function createRow({ isDisabled, created_at, address, gender, metadata, ...others }) {
  const row = {
    ...others,
    address: formatAddress(address),
    gender: GENDERS.find((name) => name.toLowerCase() === String(gender).toLowerCase()) ?? gender,
    status: isDisabled ? "suspended" : "active",
    metadata: formatMetadata(metadata),
    created_at: formatTime(created_at),
  };
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== "" && value !== null));
}

/** Formats an address in one line. It may be the claim of OpenID Connect, as an object or as JSON text. */
function formatAddress(address) {
  const value = typeof address === "string" && address.startsWith("{") ? parseJson(address) : address;
  if (typeof value !== "object" || value === null) return joinLines(value);
  const { formatted, street_address, locality, region, postal_code, country } = value;
  const parts = [street_address, locality, region, postal_code, country].filter(Boolean);
  return joinLines(formatted || parts.join(", "));
}

function joinLines(text) {
  return typeof text === "string" ? text.trim().replaceAll(/\s*[\r\n]+\s*/g, ", ") : text;
}

/** Formats the members of metadata as texts: lists and objects as JSON, lists of one text as that text. */
function formatMetadata(metadata) {
  if (typeof metadata !== "object" || metadata === null) return metadata;
  const members = Object.entries(metadata).filter(([, value]) => value !== undefined && value !== null);
  return members.length === 0 ? undefined : Object.fromEntries(members.map(([key, value]) => [key, toText(value)]));
}

function toText(value) {
  if (Array.isArray(value) && value.length === 1) return toText(value[0]);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Formats a time, which may be a number of milliseconds. */
function formatTime(time) {
  if (time === undefined || time === null) return undefined;
  const date = new Date(/^\d+$/.test(String(time)) ? Number(time) : time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
