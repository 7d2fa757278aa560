import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";

/** Writes a file that exists under its name only once it is complete, with the permissions of its owner only. */
export async function writeFileAtomically(path: string, chunks: AsyncIterable<string>): Promise<{ sha256: string }> {
  const temporaryPath = `${path}.${process.pid}.tmp`;
  const sha256 = createHash("sha256");
  const file = await open(temporaryPath, "w", 0o600);
  try {
    for await (const chunk of chunks) {
      sha256.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
    await file.close();
    await rename(temporaryPath, path);
  } catch (error) {
    await file.close();
    await rm(temporaryPath, { force: true });
    throw error;
  }
  return { sha256: sha256.digest("hex") };
}
