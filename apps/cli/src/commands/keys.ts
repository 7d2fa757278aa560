import { randomUUID } from "node:crypto";
import {
  ANONYMOUS_CALLER,
  createApiKeyService,
  getApiKeyState,
  isUserError,
  type ApiKeyRecord,
  type ApiKeyService,
  type RequestContext,
  type Scope,
} from "@user-management/domain";
import { nodePlatform } from "@user-management/node-platform";
import type { Command } from "commander";
import { notify, print } from "../output.ts";
import { readStoreSettings, type StoreSettings } from "../settings.ts";
import { openStore } from "../store.ts";
import { parseDuration, parseExpiry, parseName, parseScopes } from "./arguments.ts";

const TIMEOUT_MS = 10_000;
const DEFAULT_EXPIRY = "365d";
const DEFAULT_OVERLAP = "24h";

const STORE_OPTION = ["--store <store>", "sqlite:PATH or dynamodb:TABLE; defaults to the store of the server"] as const;

interface StoreOption {
  readonly store?: string;
}

/** Adds the commands for API keys. A key is the only output of the command that creates it. */
export function addKeyCommands(program: Command): void {
  const keys = program.command("keys").description("manage API keys");
  keys
    .command("create")
    .description("create a key and print it")
    .requiredOption("--name <name>", "describes the caller", parseName)
    .requiredOption("--scopes <scopes>", "users:read, users:list, users:write, users:delete, by commas", parseScopes)
    .option("--expires <expiry>", `a duration such as 90d, a date, or never; defaults to ${DEFAULT_EXPIRY}`)
    .option(...STORE_OPTION)
    .addHelpText("after", "\nExample:\n  userctl keys create --name billing --scopes users:read,users:write")
    .action((options: StoreOption & { name: string; scopes: readonly Scope[]; expires?: string }, command: Command) => {
      const expires_at = parseOption(command, "--expires <expiry>", options.expires ?? DEFAULT_EXPIRY, parseExpiry);
      return runAudited("keys.create", options, async (service, context, settings) => {
        const { key, record } = await service.create({ ...options, expires_at }, context);
        print(key);
        notify(`The key ${record.id} works at once and ${describeExpiry(record)}.`);
        notify(`A server that was unauthenticated closes within ${settings.kind === "sqlite" ? 5 : 30} seconds.`);
        return record.id;
      });
    });

  keys
    .command("list")
    .description("list the keys, also revoked and expired ones")
    .option("--json", "print a JSON array")
    .option(...STORE_OPTION)
    .addHelpText("after", "\nExample:\n  userctl keys list --json")
    .action((options: StoreOption & { json?: boolean }) =>
      runAudited("keys.list", options, async (service, context) => {
        const records = (await service.list(context)).map(toRow);
        if (options.json) print(JSON.stringify(records, undefined, 2));
        else for (const line of formatTable(records)) print(line);
        return undefined;
      }),
    );

  keys
    .command("rotate")
    .description("create a key like another one, which expires after an overlap, and print the new key")
    .argument("<id>", "the id of the key")
    .option("--overlap <duration>", `defaults to ${DEFAULT_OVERLAP}`)
    .option(...STORE_OPTION)
    .addHelpText("after", "\nExample:\n  userctl keys rotate c5CChTcaY89j --overlap 1h")
    .action((id: string, options: StoreOption & { overlap?: string }, command: Command) => {
      const overlapMs = parseOption(command, "--overlap <duration>", options.overlap ?? DEFAULT_OVERLAP, parseDuration);
      return runAudited("keys.rotate", { ...options, id }, async (service, context) => {
        const { key, record, previous } = await service.rotate(id, overlapMs, context);
        print(key);
        notify(`The key ${record.id} works at once and ${describeExpiry(record)}.`);
        notify(`The key ${previous.id} ${describeExpiry(previous)}.`);
        return record.id;
      });
    });

  keys
    .command("revoke")
    .description("revoke a key")
    .argument("<id>", "the id of the key")
    .option(...STORE_OPTION)
    .addHelpText("after", "\nExample:\n  userctl keys revoke c5CChTcaY89j")
    .action((id: string, options: StoreOption) =>
      runAudited("keys.revoke", { ...options, id }, async (service, context, settings) => {
        await service.revoke(id, context);
        notify(`The key ${id} is rejected within ${settings.kind === "sqlite" ? 5 : 30} seconds.`);
        return id;
      }),
    );
}

/** Runs a use case on the keys of the store, and writes the audit record to standard error. */
async function runAudited(
  action: string,
  { store, id }: StoreOption & { readonly id?: string },
  run: (service: ApiKeyService, context: RequestContext, settings: StoreSettings) => Promise<string | undefined>,
): Promise<void> {
  const settings = readStoreSettings(store);
  const requestId = randomUUID();
  const audit = (outcome: string, keyId: string | undefined) => {
    const record = {
      level: "info",
      time: new Date().toISOString(),
      action,
      key_id: keyId,
      outcome,
      request_id: requestId,
    };
    notify(JSON.stringify({ ...record, msg: "audit" }));
  };
  const { keys, close } = openStore(settings, action === "keys.create");
  try {
    const context = { requestId, caller: ANONYMOUS_CALLER, signal: AbortSignal.timeout(TIMEOUT_MS) };
    audit("success", (await run(createApiKeyService({ keys, ...nodePlatform }), context, settings)) ?? id);
  } catch (error) {
    audit(isUserError(error) ? error.code : "internal", id);
    throw error;
  } finally {
    close();
  }
}

function parseOption<Value>(command: Command, flags: string, text: string, parse: (text: string) => Value): Value {
  try {
    return parse(text);
  } catch (error) {
    return command.error(`error: option '${flags}' argument '${text}' is invalid. ${(error as Error).message}`);
  }
}

function describeExpiry({ expires_at }: ApiKeyRecord): string {
  return expires_at === undefined ? "never expires" : `expires at ${expires_at}`;
}

/** Returns the members that operators see, without the digest. */
function toRow({ digest: omitted, ...record }: ApiKeyRecord) {
  return { ...record, state: getApiKeyState({ digest: omitted, ...record }, new Date().toISOString()) };
}

function formatTable(rows: readonly ReturnType<typeof toRow>[]): string[] {
  const lines = rows.map(({ id, name, scopes, state, created_at, expires_at, last_used_at }) => [
    id,
    name,
    scopes.join(","),
    state,
    created_at.slice(0, 10),
    expires_at?.slice(0, 10) ?? "never",
    last_used_at?.slice(0, 16) ?? "never",
  ]);
  const table = [["ID", "NAME", "SCOPES", "STATE", "CREATED", "EXPIRES", "LAST USED"], ...lines];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  return table.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
