import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { callDynamo } from "./call-dynamo.ts";

/*
 * The commands of the AWS CLI that the documents use, for machines without it: `aws s3 cp` copies to a folder `s3`, and
 * `aws dynamodb import-table` creates the table and puts its items into the engine. An option that the reference of the
 * command does not list is an error.
 */

const [service, operation, ...args] = process.argv.slice(2);
if (service === "s3" && operation === "cp" && args.length === 2) copyToBucket(args[0]!, args[1]!);
else if (service === "dynamodb" && operation === "import-table") await importTable();
else throw new Error("unknown command");

function copyToBucket(file: string, url: string): void {
  const path = url.replace(/^s3:\//, "s3");
  const target = path.endsWith("/") ? join(path, basename(file)) : path;
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(file, target);
}

async function importTable(): Promise<void> {
  const { values } = parseArgs({
    args,
    // AWS CLI Command Reference: "import-table".
    options: {
      "client-token": { type: "string" },
      "s3-bucket-source": { type: "string" },
      "input-format": { type: "string" },
      "input-format-options": { type: "string" },
      "input-compression-type": { type: "string" },
      "table-creation-parameters": { type: "string" },
    },
  });
  const source = Object.fromEntries(values["s3-bucket-source"]!.split(",").map((pair) => pair.split("=")));
  const { S3Bucket, S3KeyPrefix } = source as Record<string, string>;
  if (values["input-format"] !== "DYNAMODB_JSON" || values["input-compression-type"] !== "GZIP") {
    throw new Error("unsupported format");
  }
  const table = JSON.parse(values["table-creation-parameters"]!) as { TableName: string };
  await callDynamo("CreateTable", table);
  const folder = join("s3", S3Bucket!, S3KeyPrefix!);
  for (const file of readdirSync(folder)) {
    const lines = gunzipSync(readFileSync(join(folder, file)))
      .toString()
      .trim()
      .split("\n");
    for (const line of lines) await callDynamo("PutItem", { TableName: table.TableName, ...JSON.parse(line) });
  }
  process.stdout.write(`${JSON.stringify({ ImportTableDescription: { ImportStatus: "IN_PROGRESS" } })}\n`);
}
