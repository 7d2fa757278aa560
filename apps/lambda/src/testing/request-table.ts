import { SCOPES } from "@user-management/domain";
import { newUserBody, type AccessService } from "@user-management/rest-adapter/testing";

interface TableRequest {
  readonly method?: string;
  /** `{id}` is the id of the user that the first request creates. */
  readonly path: string;
  /** Without `authorization` the caller has all scopes. `{writer}` and other names stand for API keys. */
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const json = { "content-type": "application/json" };
const user = JSON.stringify(newUserBody({ lastname: "Zoë 李", email: "Jane.Doe+tag@example.com" }));
const other = JSON.stringify(newUserBody({ email: "other@example.com" }));

/** Stands for a request without the field. */
const NO_CREDENTIAL = { authorization: "" };

/** Valid and invalid requests to a service without users, in this order. */
const REQUESTS: TableRequest[] = [
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
  {
    method: "PATCH",
    path: "/users/{id}",
    headers: json,
    body: '{"external_id":"Jané +/1","metadata":{"b":"2","a":"1"}}',
  },
  { method: "PATCH", path: "/users/{id}", headers: json, body: '{"status":"suspended","metadata":{"b":null,"ü":"x"}}' },
  { method: "PATCH", path: "/users/{id}", headers: json, body: '{"status":"suspended","metadata":{"b":null}}' },
  { method: "POST", path: "/users", headers: json, body: JSON.stringify(newUserBody({ external_id: "Jané +/1" })) },
  { path: "/users?external_id=Jan%C3%A9%20%2B%2F1" },
  { path: "/users?external_id=jan%C3%A9%20%2B%2F1&view=full" },
  { path: "/users?status=suspended" },
  { path: "/users/{id}?view=full" },
  { path: "/users?external_id=1&status=active&view=x" },
  { path: "/users/{id}?view=x" },
  { path: "/users?email=jane.doe%2Btag@EXAMPLE.com" },
  { path: "/users?email=jane.doe+tag@example.com" },
  { path: "/users?email=unknown@example.com&limit=5" },
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
  { path: "/users/" },
  { path: "//users" },
  { path: "/unknown/path?x=1" },
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
  { path: "/users", headers: NO_CREDENTIAL },
  { method: "HEAD", path: "/users", headers: NO_CREDENTIAL },
  { method: "POST", path: "/users", headers: { ...json, ...NO_CREDENTIAL }, body: "{" },
  { method: "DELETE", path: "/users/unknown", headers: NO_CREDENTIAL },
  { method: "DELETE", path: "/users", headers: NO_CREDENTIAL },
  { path: "/unknown", headers: NO_CREDENTIAL },
  { path: "/healthz", headers: NO_CREDENTIAL },
  { path: "/readyz", headers: NO_CREDENTIAL },
  { path: "/openapi.json", headers: NO_CREDENTIAL },
  { method: "POST", path: "/healthz", headers: NO_CREDENTIAL },
  { path: "/users", headers: { authorization: "Basic dXNlcjpwYXNzd29yZA==" } },
  { path: "/users", headers: { authorization: "Bearer" } },
  { path: "/users", headers: { authorization: "Bearer unknown" } },
  { path: "/users", headers: { authorization: "Bearer {writer}, Bearer {writer}" } },
  { path: "/users", headers: { authorization: "Bearer {writer}é" } },
  { path: "/users", headers: { authorization: "Bearer {revoked}" } },
  { path: "/users", headers: { authorization: "Bearer {expired}" } },
  { path: "/users", headers: { authorization: "Bearer {writer}" } },
  { path: "/users?email=x@example.com", headers: { authorization: "Bearer {writer}" } },
  { method: "DELETE", path: "/users/unknown", headers: { authorization: "bearer   {writer}" } },
  {
    method: "POST",
    path: "/users",
    headers: { ...json, authorization: "Bearer {writer}", prefer: "return=representation" },
    body: other,
  },
];

/** The headers that a transport adds. */
const TRANSPORT_HEADERS = new Set(["connection", "content-length", "date", "keep-alive", "transfer-encoding"]);

/**
 * Sends the requests of the table and returns their responses as text: status code, headers and body. Values that
 * differ between runs are replaced.
 */
export async function sendRequestTable({ request, createCredential }: AccessService): Promise<string[]> {
  const credentials: Record<string, string> = {
    all: await createCredential(SCOPES),
    writer: await createCredential(["users:write"]),
    revoked: await createCredential(SCOPES, "revoked"),
    expired: await createCredential(SCOPES, "expired"),
  };
  const responses: string[] = [];
  let id = "";
  for (const { path, ...init } of REQUESTS) {
    const { authorization: template = "Bearer {all}", ...others } = init.headers ?? {};
    const authorization = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => credentials[name]!);
    const headers = { ...others, ...(authorization !== "" && { authorization }) };
    const response = await request(path.replace("{id}", id), { ...init, headers });
    id ||= response.headers.get("location")!.slice("/users/".length);
    const sent = [...response.headers].filter(([name]) => !TRANSPORT_HEADERS.has(name));
    const text = `${response.status} ${JSON.stringify(sent)} ${await response.text()}`;
    responses.push(`${init.method ?? "GET"} ${path} ${template}\n${replaceVariableParts(text)}`);
  }
  return responses;
}

/** Replaces ids, dates and the URL of the API, and sorts the users of a page by their text. */
function replaceVariableParts(text: string): string {
  return text
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, "<uuid>")
    .replaceAll(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT/g, "<date>")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]{12}Z/g, "<time>")
    .replace(/"servers":\[\{"url":"https?:[^"]*"/, '"servers":[{"url":"<url>"')
    .replace(/("users":\[)(.*)(\])/, (_, start: string, users: string, end: string) => {
      const sorted = users.split(/(?<=\}),(?=\{)/).toSorted();
      return start + sorted.join() + end;
    });
}
