import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { newUser, type Ask } from "@user-management/rest-adapter/testing";

const NODE_SERVER = join(import.meta.dirname, "../../../http/src/main.ts");

interface Case {
  readonly method?: string;
  /** `{id}` is the id of the user whom the first case creates. */
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const json = { "content-type": "application/json" };
const user = JSON.stringify(newUser({ lastname: "Zoë 李", email: "Jane.Doe+tag@example.com" }));
const other = JSON.stringify(newUser({ email: "other@example.com" }));

/** One life of a service, from its first user on: good requests and bad ones, in this order. */
const table: Case[] = [
  { method: "POST", path: "/users", headers: { ...json, "idempotency-key": "key" }, body: user },
  { method: "POST", path: "/users", headers: { ...json, "idempotency-key": '"key"' }, body: user },
  { method: "POST", path: "/users", headers: { ...json, "idempotency-key": "key" }, body: other },
  { method: "POST", path: "/users", headers: { ...json, "idempotency-key": "clé" }, body: other },
  { method: "POST", path: "/users", headers: { ...json, "idempotency-key": "" }, body: other },
  { method: "POST", path: "/users", headers: { ...json, prefer: "return=representation" }, body: other },
  { method: "POST", path: "/users", headers: json, body: user.toLowerCase() },
  { method: "POST", path: "/users", headers: json, body: user },
  { path: "/users/{id}" },
  { method: "HEAD", path: "/users/{id}" },
  { path: "/users/{id}", headers: { "if-none-match": '"1"' } },
  { path: "/users/{id}", headers: { "if-none-match": 'W/"7", "8"' } },
  { path: "/users/{id}", headers: { "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" } },
  { path: "/users/{id}?x=1" },
  { path: "/users/{id}?" },
  { method: "PUT", path: "/users/{id}", headers: json, body: '{"address":"456 Another St, New City"}' },
  { method: "PUT", path: "/users/{id}", headers: { ...json, "if-match": '"1"' }, body: '{"lastname":"Roe"}' },
  { method: "PATCH", path: "/users/{id}", headers: { ...json, "if-match": '"1", "2"' }, body: '{"lastname":"Roe"}' },
  { method: "PATCH", path: "/users/{id}", headers: { ...json, "if-match": "" }, body: '{"lastname":"Roe"}' },
  {
    method: "PATCH",
    path: "/users/{id}",
    headers: { "content-type": "application/merge-patch+json", prefer: "return=representation" },
    body: '{"firstname":"Jané"}',
  },
  { method: "PUT", path: "/users/{id}", headers: json, body: '{"email":"OTHER@example.com"}' },
  { method: "PUT", path: "/users/{id}", headers: json, body: "{}" },
  { method: "PUT", path: "/users/{id}", headers: json, body: '{"user_id":"x","a/b":1,"__proto__":2}' },
  { path: "/users?email=jane.doe%2Btag@EXAMPLE.com" },
  { path: "/users?email=jane.doe+tag@example.com" },
  { path: "/users?email=nobody@example.com&limit=5" },
  { path: "/users?email=caf%C3%A9%20%26%3D%3F" },
  { path: "/users?limit=100" },
  { path: "/users?limit=0&limit=5&offset=1&%C3%A9=2&a%20b" },
  { path: "/users?limit=5&limit=5" },
  { path: "/users?cursor=AAAA" },
  { path: "/users?cursor=%zz" },
  { path: "/users/caf%C3%A9" },
  { path: "/users/a%20b" },
  { path: "/users/a%3Fb=c" },
  { path: "/users/a%23b" },
  { path: "/users/100%25" },
  { path: "/users/%253F" },
  { path: "/users/%22%3C%3E" },
  { path: "/users/%F0%9F%91%A9" },
  { path: "/users/prod" },
  { path: "/prod" },
  { path: "/" },
  { path: "/users/" },
  { path: "//users" },
  { path: "/nowhere/at/all?x=1" },
  { method: "DELETE", path: "/users" },
  { method: "POST", path: "/users/{id}", headers: json, body: user },
  { method: "OPTIONS", path: "/users" },
  { method: "POST", path: "/users", headers: { "content-type": "text/plain" }, body: user },
  { method: "POST", path: "/users", headers: { ...json, "content-encoding": "gzip" }, body: user },
  { method: "POST", path: "/users", headers: json, body: "" },
  { method: "POST", path: "/users" },
  { method: "POST", path: "/users", headers: json, body: "{" },
  { method: "POST", path: "/users", headers: json, body: '{"a":1,"a":2}' },
  { method: "POST", path: "/users", headers: json, body: "[".repeat(10_000) },
  { method: "POST", path: "/users", headers: json, body: " ".repeat(65_537) },
  { method: "POST", path: "/users", headers: { ...json, "x-http-method-override": "DELETE" }, body: "{}" },
  { path: "/healthz", headers: { "x-request-id": "the-id" } },
  { path: "/healthz", headers: { "x-request-id": "not an id" } },
  { path: "/healthz", headers: { cookie: "a=1; b=2", accept: "text/html", "accept-encoding": "br" } },
  { path: "/readyz" },
  { path: "/openapi.json" },
  { method: "HEAD", path: "/openapi.json" },
  { method: "DELETE", path: "/users/{id}", headers: { "if-match": '"9"' } },
  { method: "DELETE", path: "/users/{id}", headers: { "if-match": "*" }, body: "ignored" },
  { method: "DELETE", path: "/users/{id}" },
  { path: "/users/{id}" },
];

/** What the transport adds of its own. */
const OF_THE_TRANSPORT = new Set(["connection", "content-length", "date", "keep-alive", "transfer-encoding"]);

/** The answers to the whole table, with what no two runs have in common replaced. */
export async function answersThrough(ask: Ask): Promise<string[]> {
  const answers: string[] = [];
  let id = "";
  for (const { path, ...init } of table) {
    const response = await ask(path.replace("{id}", id), init);
    id ||= response.headers.get("location")!.slice("/users/".length);
    const headers = [...response.headers].filter(([name]) => !OF_THE_TRANSPORT.has(name));
    const answer = `${response.status} ${JSON.stringify(headers)} ${await response.text()}`;
    answers.push(`${init.method ?? "GET"} ${path}\n${generalised(answer)}`);
  }
  return answers;
}

function generalised(answer: string): string {
  return answer
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, "<uuid>")
    .replaceAll(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT/g, "<date>")
    .replace(/("users":\[)(.*)(\])/, (_, start: string, users: string, end: string) => {
      return (
        start +
        users
          .split(/(?<=\}),/)
          .toSorted()
          .join() +
        end
      );
    });
}

/** The answers of the Node server, over a socket. */
export async function answersOfNodeServer(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "users-"));
  const { PATH } = process.env;
  const env = { PATH, PORT: "0", SQLITE_PATH: join(folder, "users.db") };
  const server = spawn(process.execPath, [NODE_SERVER], { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(createInterface(server.stdout), "line")) as [string];
    const url = /listening on (\S+),/.exec(line)![1]!;
    return await answersThrough((path, init) => fetch(url + path, init));
  } finally {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}
