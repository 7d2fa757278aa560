/**
 * An attribute value in DynamoDB's JSON format, with exactly one member (AWS: "AttributeValue"). A binary value is
 * base64 text in a response that the wire client has received, and bytes in one that the SDK has received.
 */
export interface AttributeValue {
  readonly S?: string;
  readonly N?: string;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly B?: string | Uint8Array;
  readonly L?: readonly AttributeValue[];
  readonly M?: Item;
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly (string | Uint8Array)[];
}

/** An item, or its key: attribute values by attribute name. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** A number as its decimal text, because JavaScript cannot represent the 38 digits of DynamoDB exactly. */
export class DecimalText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/**
 * Encodes an object as an item. Members that are `undefined` are omitted.
 *
 * @throws TypeError as {@link encodeValue}
 */
export function encodeItem(members: Readonly<Record<string, unknown>>): Record<string, AttributeValue> {
  const item: Record<string, AttributeValue> = {};
  for (const name of Object.keys(members)) {
    const value = members[name];
    if (value !== undefined) setMember(item, name, encodeValue(value));
  }
  return item;
}

/**
 * Encodes text, a number, a boolean, `null`, an array or a plain object.
 *
 * @throws TypeError if DynamoDB cannot represent the value, or the repositories never store its type
 */
export function encodeValue(value: unknown): AttributeValue {
  switch (typeof value) {
    case "string":
      return { S: value };
    case "boolean":
      return { BOOL: value };
    case "bigint":
      return { N: String(value) };
    case "number":
      if (Number.isFinite(value)) return { N: String(value) };
      break;
    case "object":
      if (value === null) return { NULL: true };
      if (value instanceof DecimalText) return { N: value.text };
      if (Array.isArray(value)) return { L: value.map(encodeValue) };
      if (Object.getPrototypeOf(value) === Object.prototype) return { M: encodeItem(value as Record<string, unknown>) };
  }
  throw new TypeError(`DynamoDB cannot store a value of this type: ${typeof value}.`);
}

/** Decodes an item. Numbers become {@link DecimalText}, sets become `Set`, and binary values become bytes. */
export function decodeItem(item: Item): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const name of Object.keys(item)) setMember(members, name, decodeValue(item[name]!));
  return members;
}

/** Decodes an attribute value as {@link decodeItem} does. */
export function decodeValue(value: AttributeValue): unknown {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return new DecimalText(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.M !== undefined) return decodeItem(value.M);
  if (value.L !== undefined) return value.L.map(decodeValue);
  if (value.SS !== undefined) return new Set(value.SS);
  if (value.NS !== undefined) return new Set(value.NS.map((text) => new DecimalText(text)));
  if (value.B !== undefined) return decodeBytes(value.B);
  if (value.BS !== undefined) return new Set(value.BS.map(decodeBytes));
  return null;
}

/** Sets an own member, also one with the name `__proto__`. */
function setMember<Value>(members: Record<string, Value>, name: string, value: Value): void {
  if (name !== "__proto__") members[name] = value;
  else Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
}

function decodeBytes(bytes: string | Uint8Array): Uint8Array {
  return typeof bytes === "string" ? new Uint8Array(Buffer.from(bytes, "base64")) : bytes;
}
