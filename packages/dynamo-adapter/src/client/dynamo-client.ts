import type { Item } from "./attribute-value.ts";

/**
 * The calls of DynamoDB that the repositories need, with AWS's names of operations and members. Each throws a
 * `DynamoError` if it fails after its retries.
 */
export interface DynamoClient {
  readonly getItem: (input: GetItemInput, options?: CallOptions) => Promise<{ readonly Item?: Item }>;
  readonly batchGetItem: (input: BatchGetItemInput, options?: CallOptions) => Promise<BatchGetItemOutput>;
  readonly putItem: (input: PutItemInput, options?: CallOptions) => Promise<unknown>;
  readonly updateItem: (input: UpdateItemInput, options?: CallOptions) => Promise<{ readonly Attributes?: Item }>;
  readonly deleteItem: (input: DeleteItemInput, options?: CallOptions) => Promise<unknown>;
  readonly transactWriteItems: (input: TransactWriteItemsInput, options?: CallOptions) => Promise<unknown>;
  readonly scan: (input: ScanInput, options?: CallOptions) => Promise<ScanOutput>;
}

export interface CallOptions {
  /** Once it aborts, no further attempt is made. The caller must stop waiting for the call itself. */
  readonly signal?: AbortSignal;
  /**
   * Whether the call may be repeated after an attempt whose outcome is unknown, because a repeated call changes nothing.
   * Defaults to true. An attempt that DynamoDB has certainly not applied is always repeated.
   */
  readonly isRepeatable?: boolean;
}

/** A condition of a write, and the values of its expressions. */
interface Condition {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
  readonly ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
}

interface OnTable {
  readonly TableName: string;
}

export interface GetItemInput extends OnTable {
  readonly Key: Item;
  readonly ConsistentRead?: boolean;
}

interface KeysAndAttributes {
  readonly Keys: readonly Item[];
  readonly ConsistentRead?: boolean;
}

export interface BatchGetItemInput {
  readonly RequestItems: Readonly<Record<string, KeysAndAttributes>>;
}

export interface BatchGetItemOutput {
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
  readonly UnprocessedKeys?: Readonly<Record<string, KeysAndAttributes>>;
}

export interface PutItemInput extends OnTable, Condition {
  readonly Item: Item;
}

export interface UpdateItemInput extends OnTable, Condition {
  readonly Key: Item;
  readonly UpdateExpression: string;
  readonly ReturnValues?: "ALL_NEW" | "NONE";
}

export interface DeleteItemInput extends OnTable, Condition {
  readonly Key: Item;
}

/** One write of a transaction, with exactly one member. */
export interface TransactWriteItem {
  readonly Put?: PutItemInput;
  readonly Update?: Omit<UpdateItemInput, "ReturnValues">;
  readonly Delete?: DeleteItemInput;
  readonly ConditionCheck?: DeleteItemInput & { readonly ConditionExpression: string };
}

export interface TransactWriteItemsInput {
  readonly TransactItems: readonly TransactWriteItem[];
  /** Makes the transaction idempotent for ten minutes. */
  readonly ClientRequestToken: string;
}

export interface ScanInput extends OnTable {
  readonly ConsistentRead?: boolean;
  readonly FilterExpression?: string;
  readonly ExpressionAttributeValues?: Item;
  /** The maximum number of items that are read, before the filter. */
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item | undefined;
}

export interface ScanOutput {
  readonly Items?: readonly Item[];
  readonly LastEvaluatedKey?: Item;
}
