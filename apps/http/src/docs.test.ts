import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expectProblem } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { answersIn, answerTo } from "./testing/raw-connection.ts";
import { startProcess } from "./testing/start-process.ts";

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ownFile = (name: string) => readFileSync(join(import.meta.dirname, "docs", name));
const packageFile = (name: string) => readFileSync(createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`));

const files = [
  { path: "/docs", type: "text/html; charset=utf-8", bytes: ownFile("page.html") },
  { path: "/docs/page.css", type: "text/css; charset=utf-8", bytes: ownFile("page.css") },
  { path: "/docs/start.js", type: "text/javascript; charset=utf-8", bytes: ownFile("start.js") },
  { path: "/docs/swagger-ui.css", type: "text/css; charset=utf-8", bytes: packageFile("swagger-ui.css") },
  {
    path: "/docs/swagger-ui-bundle.js",
    type: "text/javascript; charset=utf-8",
    bytes: packageFile("swagger-ui-bundle.js"),
  },
  { path: "/docs/favicon-32x32.png", type: "image/png", bytes: packageFile("favicon-32x32.png") },
];

test.for(files)(
  "GET and HEAD $path answer the file, with what a browser may do with it",
  async ({ path, type, bytes }) => {
    const { url } = await startProcess();
    const headers = { "x-request-id": "the-id" };
    const answers = [await fetch(url + path, { headers }), await fetch(url + path, { method: "HEAD", headers })];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "content-type": type,
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-request-id": "the-id",
        "cache-control": "no-cache",
        etag: answers[0]!.headers.get("etag"),
      });
    }
    expect(Buffer.from(await answers[0]!.arrayBuffer()).equals(bytes)).toBe(true);
    expect(await answers[1]!.text()).toBe("");
  },
);

test("a file that the client has is not sent again, also when a proxy has weakened its tag", async () => {
  const { url } = await startProcess();
  const tags = await Promise.all(files.map(async ({ path }) => (await fetch(url + path)).headers.get("etag")!));
  expect(new Set(tags).size).toBe(files.length);
  const [page = "", style = ""] = tags;
  for (const known of [page, `W/${page}`, `${style}, ${page}`]) {
    const answer = await fetch(`${url}/docs`, { headers: { "if-none-match": known } });
    expect(answer.status).toBe(304);
    expect(answer.headers.get("etag")).toBe(page);
    expect(answer.headers.get("content-security-policy")).toBe(CONTENT_SECURITY_POLICY);
    expect(await answer.text()).toBe("");
  }
  expect((await fetch(`${url}/docs`, { headers: { "if-none-match": style } })).status).toBe(200);
});

test("the log has a line of each file, as of every request", async () => {
  const { url, log } = await startProcess();
  await fetch(`${url}/docs/start.js?a=b`);
  const line = { msg: "request", route: "/docs/start.js", status: 200, bytes: ownFile("start.js").byteLength };
  await expect.poll(() => log).toContainEqual(expect.objectContaining(line));
});

test("there is no other file", async () => {
  const { port } = await startProcess();
  for (const path of [
    "/docs/",
    "/docs/index.html",
    "/docs/page.html",
    "/docs/swagger-ui-bundle.js.map",
    "/docs/package.json",
    "/docs/../package.json",
    "/docs/..%2fpackage.json",
    "/docs/%2e%2e/package.json",
    "/docs/%2e%2e%2f%2e%2e%2fpackage.json",
    "/docs//etc/passwd",
    "/docs/start.js/",
    "/docs/__proto__",
  ]) {
    const said = await answerTo(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(answersIn(said)[0]?.status, path).toBe(404);
  }
});

test("the page and its files are there to be read, and for nothing else", async () => {
  const { url } = await startProcess();
  for (const { path } of files) {
    const answer = await fetch(url + path, { method: "POST" });
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
    await expectProblem(answer, "method-not-allowed", path);
  }
});
