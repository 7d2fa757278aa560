import { createUsersClient, type NewUser } from "@user-management/client";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { newUserBody } from "@user-management/rest-adapter/testing";
import { expect, onTestFinished } from "vitest";

export interface AdminPage {
  readonly page: Page;
  /** The requests to the API so far, such as `GET /users?limit=50`. */
  readonly requests: string[];
}

/** How long an expected change of the page may take. */
const TIMEOUT_MS = 15_000;

interface AdminPageOptions extends BrowserContextOptions {
  /** The status codes of failed requests that the journey is about. The browser reports each on the console. */
  readonly failures?: readonly number[];
  /** Whether requests without a response belong to the journey. */
  readonly isUnreachable?: boolean;
  readonly fragment?: string;
}

/**
 * Opens the admin page. When the test is over, it fails if a script failed, if the policy blocked something, if a request
 * went to another host or failed unexpectedly, or if there was any other message on the console.
 */
export async function openAdmin(
  browser: Browser,
  url: string,
  { failures = [], isUnreachable = false, fragment = "", ...options }: AdminPageOptions = {},
): Promise<AdminPage> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(TIMEOUT_MS);
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith("blob:")) return;
    const { origin, pathname, search } = new URL(request.url());
    if (origin !== url) errors.push(`foreign request to ${request.url()}`);
    else if (!pathname.startsWith("/admin")) requests.push(`${request.method()} ${pathname}${search}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !failures.includes(response.status())) {
      errors.push(`${response.status()} for ${response.url()}`);
    }
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    const isFailure = /^Failed to load resource: (?:the server responded with a status of|net::)/.test(message.text());
    if (!isFailure || (message.text().includes("net::") && !isUnreachable)) errors.push(message.text());
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      console.error(`${violatedDirective} does not allow ${blockedURI}`);
    });
  });
  onTestFinished(async () => {
    await context.close();
    expect(errors).toEqual([]);
  });
  await page.goto(`${url}/admin${fragment}`);
  return { page, requests };
}

/** Signs in with a key. */
export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByRole("textbox", { name: "API key" }).fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Finds a user with the search box, and waits for its fields. */
export async function findUser(page: Page, text: string): Promise<void> {
  await page.getByRole("searchbox", { name: "Find a user" }).fill(text);
  await page.keyboard.press("Enter");
  await page.getByLabel("Last name").waitFor();
}

/** Waits for a text in a live region. */
export async function waitForMessage(page: Page, text: string | RegExp): Promise<void> {
  await page.locator("[role=status], [role=alert]").filter({ hasText: text }).first().waitFor();
}

/** Creates users with different emails, which begin with `prefix`. */
export async function createUsers(url: string, prefix: string, count: number): Promise<void> {
  const client = createUsersClient({ baseUrl: url });
  for (let start = 0; start < count; start += 20) {
    const numbers = Array.from({ length: Math.min(20, count - start) }, (_, index) => start + index);
    const users = numbers.map(
      (number) => newUserBody({ email: `${prefix}${number}@example.com` }) as unknown as NewUser,
    );
    await Promise.all(users.map((user) => client.create(user)));
  }
}

export async function createUser(url: string, fields: object, key?: string): Promise<string> {
  const response = await send(url, "POST", "/users", newUserBody({ ...fields }), key);
  expect(response.status).toBe(201);
  return ((await response.json()) as { user_id: string }).user_id;
}

/** Changes a user as another client would. */
export async function updateUser(url: string, id: string, update: object): Promise<void> {
  expect((await send(url, "PATCH", `/users/${id}`, update)).status).toBe(200);
}

export async function getUser(url: string, id: string): Promise<Record<string, unknown>> {
  return (await (await fetch(`${url}/users/${id}`)).json()) as Record<string, unknown>;
}

function send(url: string, method: string, path: string, body: object, key?: string): Promise<Response> {
  const headers = { "content-type": "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) };
  return fetch(url + path, { method, headers, body: JSON.stringify(body) });
}
