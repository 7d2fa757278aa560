import type { Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { createCertificate } from "../testing/certificate.ts";
import { createTestWireClient } from "../testing/clients.ts";
import { sendOutput, startTlsServer } from "../testing/local-server.ts";

const certificate = createCertificate();
const GET = { TableName: "Users", Key: { user_id: { S: "id" } } };

/** Trusts the certificate until the test finishes, as `NODE_EXTRA_CA_CERTS` does for a process. */
function trustCertificate(): void {
  const authorities = getCACertificates();
  onTestFinished(() => setDefaultCACertificates(authorities));
  setDefaultCACertificates([...authorities, certificate.cert]);
}

test("rejects a certificate that it does not trust before it sends a request", async () => {
  const { connection, requests } = await startTlsServer((response) => sendOutput(response), certificate);
  const client = createTestWireClient({ connection });
  await expect(client.getItem(GET)).rejects.toMatchObject({
    name: "NetworkError",
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    isOutcomeUnknown: false,
  });
  expect(requests).toEqual([]);
});

test("accepts a certificate that it trusts", async () => {
  trustCertificate();
  const names = new Set<unknown>();
  const { connection, requests } = await startTlsServer((response) => {
    names.add((response.socket as TLSSocket).servername);
    sendOutput(response);
  }, certificate);
  const client = createTestWireClient({ connection });
  for (let call = 1; call <= 3; call += 1) expect(await client.getItem(GET)).toEqual({});
  expect([...names]).toEqual(["localhost"]);
  expect(requests).toHaveLength(3);
});

test("resumes a session, and connects without it after it was rejected", async () => {
  trustCertificate();
  const resumed: boolean[] = [];
  const { connection, server } = await startTlsServer((response) => {
    resumed.push((response.socket as TLSSocket).isSessionReused());
    response.shouldKeepAlive = false;
    sendOutput(response);
  }, certificate);
  const client = createTestWireClient({ connection });
  await client.getItem(GET);
  await client.getItem(GET);
  expect(resumed).toEqual([false, true]);
  server.prependOnceListener("connection", (socket: Socket) => socket.resetAndDestroy());
  await client.getItem(GET);
  expect(resumed).toEqual([false, true, false]);
});

test("rejects the certificate of another host", async () => {
  trustCertificate();
  const { connection, requests } = await startTlsServer((response) => sendOutput(response), certificate);
  const { url, signingRegion } = await connection.resolveEndpoint();
  url.hostname = "127.0.0.1";
  const resolveEndpoint = async () => ({ url, signingRegion });
  const client = createTestWireClient({ connection: { ...connection, resolveEndpoint } });
  const expected = { code: "ERR_TLS_CERT_ALTNAME_INVALID", isOutcomeUnknown: false };
  await expect(client.getItem(GET)).rejects.toMatchObject(expected);
  expect(requests).toEqual([]);
});
