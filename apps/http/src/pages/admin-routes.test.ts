import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { expectProblem } from "@user-management/rest-adapter/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApplication, type TestApplication } from "../testing/start-test-application.ts";
import { ADMIN_FILES, readAdminFile } from "./admin-files.ts";
import { acceptsGzip } from "./file-route.ts";

const MAX_TOTAL_BYTES = 30 * 1024;

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

let application: TestApplication;

beforeAll(async () => {
  application = await startTestApplication();
});
afterAll(() => application.stop());

const files = Object.entries(ADMIN_FILES).map(([path, file]) => ({ path, ...file }));

/** Gets a file without decoding it. */
async function getRaw(path: string, headers: Record<string, string> = {}) {
  const sent = request(application.url + path, { headers });
  const response = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    sent.on("response", resolve).on("error", reject).end();
  });
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

test.for(files)("returns $path with its security headers, compressed if the client accepts it", async (file) => {
  const plain = await getRaw(file.path);
  const gzipped = await getRaw(file.path, { "accept-encoding": "br, gzip" });
  for (const { status, headers } of [plain, gzipped]) {
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": file.mediaType,
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache",
      vary: "Accept-Encoding, Origin",
    });
  }
  expect(plain.headers).not.toHaveProperty("content-encoding");
  expect(gzipped.headers["content-encoding"]).toBe("gzip");
  expect(plain.body.equals(await readAdminFile(file.source))).toBe(true);
  expect(gunzipSync(gzipped.body).equals(plain.body)).toBe(true);
});

test("returns 304 for the encoding that the client has, and not for the other one", async () => {
  const { etag = "" } = (await getRaw("/admin")).headers;
  const gzip = { "accept-encoding": "gzip" };
  const { etag: gzippedEtag = "" } = (await getRaw("/admin", gzip)).headers;
  expect(gzippedEtag).not.toBe(etag);
  expect((await getRaw("/admin", { "if-none-match": etag })).status).toBe(304);
  expect((await getRaw("/admin", { ...gzip, "if-none-match": `W/${gzippedEtag}` })).status).toBe(304);
  expect((await getRaw("/admin", { ...gzip, "if-none-match": etag })).status).toBe(200);
});

test("the whole page is transferred in at most 30 KiB", async () => {
  const sizes = await Promise.all(
    files.map(async ({ path }) =>
      Number((await getRaw(path, { "accept-encoding": "gzip" })).headers["content-length"]),
    ),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(MAX_TOTAL_BYTES);
});

test("redirects from / to the page", async () => {
  const response = await fetch(`${application.url}/`);
  expect(response.url).toBe(`${application.url}/admin`);
  expect(response.status).toBe(200);
});

test("allows GET and HEAD only", async () => {
  const response = await fetch(`${application.url}/admin`, { method: "POST" });
  expect(response.headers.get("allow")).toBe("GET, HEAD");
  await expectProblem(response, "method-not-allowed", "/admin");
});

test.for([
  { field: null, isAccepted: false },
  { field: "", isAccepted: false },
  { field: "gzip", isAccepted: true },
  { field: "br, GZIP;q=0.5", isAccepted: true },
  { field: "x-gzip", isAccepted: true },
  { field: "*", isAccepted: true },
  { field: "*, gzip;q=0", isAccepted: false },
  { field: "gzip; q=0.000", isAccepted: false },
  { field: "br", isAccepted: false },
  { field: "identity, gzip;level=9", isAccepted: false },
])("Accept-Encoding: $field accepts gzip: $isAccepted", ({ field, isAccepted }) => {
  expect(acceptsGzip(field)).toBe(isAccepted);
});
