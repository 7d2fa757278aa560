import { once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient, describedOperations, newUser } from "@user-management/rest-adapter/testing";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { startBrowser } from "./testing/browser.ts";
import { startProcess } from "./testing/start-process.ts";

// A browser is slow where tests share a machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

/** The page of this server once it shows the document. At the end of the test nothing must have gone wrong in it. */
async function openPage(
  url: string,
  { path = "/docs", ...options }: BrowserContextOptions & { path?: string } = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  /** Each request that went elsewhere or wrong, and each error and warning in the browser's console. */
  const complaints: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`)) complaints.push(`asks for ${request.url()}`);
  });
  page.on("requestfailed", (request) => complaints.push(`${request.failure()?.errorText} for ${request.url()}`));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`);
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
      console.error(`${violatedDirective} does not allow ${blockedURI}`);
    });
  });
  onTestFinished(async () => {
    const errors = await page.locator(".errors-wrapper").allInnerTexts();
    const untilNow = [...complaints, ...errors];
    await context.close();
    expect(untilNow).toEqual([]);
  });
  await page.goto(url + path);
  await operations(page).first().waitFor();
  return page;
}

const operations = (page: Page) => page.locator(".opblock");

async function openOperation(page: Page, method: string, path: string): Promise<Locator> {
  const operation = page.locator(`.opblock-${method}`).filter({ has: page.locator(`[data-path="${path}"]`) });
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Execute" }).waitFor();
  return operation;
}

/** Executes the operation by a click, and gives the answer that the page then shows. */
async function execute(operation: Locator): Promise<{ status: string; body: unknown }> {
  await operation.getByRole("button", { name: "Execute" }).click();
  const answer = operation.locator(".live-responses-table .response");
  return {
    status: await answer.locator(".response-col_status").innerText(),
    body: JSON.parse(await answer.locator(".highlight-code code").innerText()),
  };
}

test("the page lists every operation of the document and no other, and each is ready to be tried", async () => {
  const server = await startProcess();
  const page = await openPage(server.url);
  const described = describedOperations().map(({ method, path }) => `${method} ${path}`);
  const listed = await operations(page).evaluateAll((all) =>
    all.map((one) => {
      const method = one.querySelector(".opblock-summary-method")?.textContent;
      return `${method} ${one.querySelector("[data-path]")?.getAttribute("data-path")}`;
    }),
  );
  expect(described).toContain("POST /users");
  expect(listed.toSorted()).toEqual(described.toSorted());
  for (const one of await operations(page).all()) {
    await one.locator(".opblock-summary-control").click();
    await one.getByRole("button", { name: "Execute" }).waitFor();
    await one.locator(".opblock-summary-control").click();
  }
});

test("a reader creates a user by clicking, from the document's own example", async () => {
  const server = await startProcess();
  const page = await openPage(server.url);
  const { status, body } = await execute(await openOperation(page, "post", "/users"));
  expect(status).toBe("201");
  const { user_id } = body as { user_id: string };
  const { read } = createClient((path, init) => fetch(server.url + path, init));
  expect(await read(user_id)).toMatchObject({ user_id, email: "john.doe@example.com" });
});

test("a reader reads, changes and deletes a user by its id", async () => {
  const server = await startProcess();
  const { ask, create, read } = createClient((path, init) => fetch(server.url + path, init));
  const user = newUser();
  const user_id = await create(user);
  const page = await openPage(server.url);

  const reading = await openOperation(page, "get", "/users/{user_id}");
  await reading.getByPlaceholder("user_id").fill(user_id);
  expect(await execute(reading)).toEqual({ status: "200", body: { user_id, ...user } });

  for (const [method, lastname] of [
    ["put", "Putman"],
    ["patch", "Patchett"],
  ] as const) {
    const changing = await openOperation(page, method, "/users/{user_id}");
    await changing.getByPlaceholder("user_id").fill(user_id);
    await changing.locator("textarea").fill(JSON.stringify({ lastname }));
    expect(await execute(changing)).toHaveProperty("status", "200");
    expect(await read(user_id)).toEqual({ user_id, ...user, lastname });
  }

  const deleting = await openOperation(page, "delete", "/users/{user_id}");
  await deleting.getByPlaceholder("user_id").fill(user_id);
  expect(await execute(deleting)).toEqual({ status: "200", body: { message: "User deleted" } });
  expect((await ask(`/users/${user_id}`)).status).toBe(404);
});

test("the address of an operation opens it", async () => {
  const page = await openPage((await startProcess()).url, { path: "/docs#/Users/createUser" });
  await page.getByRole("button", { name: "Execute" }).waitFor();
  expect(await page.title()).toBe("User management API");
});

test("a phone shows the page, an operation and its answer without scrolling sideways", async () => {
  const viewport = { width: 390, height: 844 };
  const page = await openPage((await startProcess()).url, { viewport, isMobile: true });
  await execute(await openOperation(page, "post", "/users"));
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
});

test("the page is as dark or light as the reader's machine, also when that changes", async () => {
  const page = await openPage((await startProcess()).url, { colorScheme: "dark" });
  const brightness = () =>
    page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.querySelector(".swagger-ui")!).color)![0]));
  expect(await brightness()).toBeGreaterThan(200);
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(brightness).toBeLessThan(100);
});

test("behind a proxy that serves it under a prefix, the page finds its files, the document and the API", async () => {
  const { url } = await startProcess();
  const proxy = createServer((incoming, outgoing) => {
    const path = /^\/prefix(\/.*)$/.exec(incoming.url!)?.[1] ?? "/none";
    get(url + path, (answer) => answer.pipe(outgoing.writeHead(answer.statusCode!, answer.headers)));
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => void proxy.close());
  const page = await openPage(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, { path: "/prefix/docs" });
  expect(await execute(await openOperation(page, "get", "/readyz"))).toEqual({ status: "200", body: { status: "ok" } });
});
