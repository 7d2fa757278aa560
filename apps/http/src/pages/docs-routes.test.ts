import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expectProblem } from "@user-management/rest-adapter/testing";
import { expect, test } from "vitest";
import { parseResponses, sendBytes } from "../testing/raw-connection.ts";
import { startProcess } from "../testing/start-process.ts";

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const readOwnFile = (name: string) => readFileSync(join(import.meta.dirname, "docs", name));
const readPackageFile = (name: string) =>
  readFileSync(createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`));

const files = [
  { path: "/docs", mediaType: "text/html; charset=utf-8", bytes: readOwnFile("page.html") },
  { path: "/docs/page.css", mediaType: "text/css; charset=utf-8", bytes: readOwnFile("page.css") },
  { path: "/docs/start.js", mediaType: "text/javascript; charset=utf-8", bytes: readOwnFile("start.js") },
  { path: "/docs/swagger-ui.css", mediaType: "text/css; charset=utf-8", bytes: readPackageFile("swagger-ui.css") },
  {
    path: "/docs/swagger-ui-bundle.js",
    mediaType: "text/javascript; charset=utf-8",
    bytes: readPackageFile("swagger-ui-bundle.js"),
  },
  { path: "/docs/favicon-32x32.png", mediaType: "image/png", bytes: readPackageFile("favicon-32x32.png") },
];

test.for(files)("GET and HEAD $path return the file with its security headers", async ({ path, mediaType, bytes }) => {
  const { url } = await startProcess();
  const headers = { "x-request-id": "the-id" };
  const responses = [await fetch(url + path, { headers }), await fetch(url + path, { method: "HEAD", headers })];
  for (const response of responses) {
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": mediaType,
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-request-id": "the-id",
      "cache-control": "no-cache",
      etag: responses[0]!.headers.get("etag"),
    });
  }
  expect(Buffer.from(await responses[0]!.arrayBuffer()).equals(bytes)).toBe(true);
  expect(await responses[1]!.text()).toBe("");
});

test("returns 304 for a file that the client has, also if a proxy has weakened its entity tag", async () => {
  const { url } = await startProcess();
  const etags = await Promise.all(files.map(async ({ path }) => (await fetch(url + path)).headers.get("etag")!));
  expect(new Set(etags).size).toBe(files.length);
  const [page = "", style = ""] = etags;
  for (const field of [page, `W/${page}`, `${style}, ${page}`]) {
    const response = await fetch(`${url}/docs`, { headers: { "if-none-match": field } });
    expect(response.status).toBe(304);
    expect(response.headers.get("etag")).toBe(page);
    expect(response.headers.get("content-security-policy")).toBe(CONTENT_SECURITY_POLICY);
    expect(await response.text()).toBe("");
  }
  expect((await fetch(`${url}/docs`, { headers: { "if-none-match": style } })).status).toBe(200);
});

test("logs a request for a file like any other", async () => {
  const { url, log } = await startProcess();
  await fetch(`${url}/docs/start.js?a=b`, { headers: { "accept-encoding": "identity" } });
  const record = {
    msg: "request",
    route: "/docs/start.js",
    status: 200,
    bytes: readOwnFile("start.js").byteLength,
  };
  await expect.poll(() => log).toContainEqual(expect.objectContaining(record));
});

test("returns 404 for any other path below /docs", async () => {
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
    const received = await sendBytes(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(parseResponses(received)[0]?.status, path).toBe(404);
  }
});

test("allows GET and HEAD only", async () => {
  const { url } = await startProcess();
  for (const { path } of files) {
    const response = await fetch(url + path, { method: "POST" });
    expect(response.headers.get("allow")).toBe("GET, HEAD");
    await expectProblem(response, "method-not-allowed", path);
  }
});
