/**
 * A conventional implementation of such a service: Express and the document client, as in AWS's documentation. It does
 * less than this service: it has no unique emails, versions, idempotency keys or problem details.
 */
import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  ScanCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
// @ts-expect-error: Express has no types of its own, and a benchmark needs none
import express from "express";

interface Request {
  readonly params: { readonly id: string };
  readonly body: Record<string, unknown>;
}

interface Response {
  status(code: number): Response;
  json(body: unknown): void;
}

const REQUIRED = ["lastname", "dob", "address", "gender", "email", "phone_number"];
const FIELDS = [...REQUIRED, "firstname"];

const TableName = process.env["USERS_TABLE"];
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const app = express();
app.use(express.json());

app.post("/users", async ({ body }: Request, response: Response) => {
  const missing = REQUIRED.filter((field) => !body[field]);
  if (missing.length > 0) return response.status(400).json({ error: `Missing: ${missing.join(", ")}` });
  const user_id = randomUUID();
  await client.send(new PutCommand({ TableName, Item: { user_id, ...body } }));
  response.status(201).json({ message: "User created", user_id });
});

app.get("/users", async (_: Request, response: Response) => {
  const { Items } = await client.send(new ScanCommand({ TableName, Limit: 50 }));
  response.json({ users: Items });
});

app.get("/users/:id", async ({ params }: Request, response: Response) => {
  const { Item } = await client.send(new GetCommand({ TableName, Key: { user_id: params.id } }));
  if (!Item) return response.status(404).json({ error: "User not found" });
  response.json(Item);
});

app.put("/users/:id", async ({ params, body }: Request, response: Response) => {
  const fields = FIELDS.filter((field) => field in body);
  if (fields.length === 0) return response.status(400).json({ error: "Nothing to update" });
  await client.send(
    new UpdateCommand({
      TableName,
      Key: { user_id: params.id },
      UpdateExpression: `SET ${fields.map((field) => `#${field} = :${field}`).join(", ")}`,
      ConditionExpression: "attribute_exists(user_id)",
      ExpressionAttributeNames: Object.fromEntries(fields.map((field) => [`#${field}`, field])),
      ExpressionAttributeValues: Object.fromEntries(fields.map((field) => [`:${field}`, body[field]])),
    }),
  );
  response.json({ message: "User updated" });
});

app.delete("/users/:id", async ({ params }: Request, response: Response) => {
  await client.send(new DeleteCommand({ TableName, Key: { user_id: params.id } }));
  response.json({ message: "User deleted" });
});

export { app };
