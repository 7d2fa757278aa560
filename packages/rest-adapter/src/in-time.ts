import { UserError } from "@user-management/domain";

/** What a request may take once it has arrived, in milliseconds, however many calls of the store it needs. */
const PATIENCE = 4_800;

/** @throws UserError `unavailable` when the work is not done in time */
export async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `The request was not done within ${PATIENCE} ms.`;
    timer = setTimeout(() => reject(new UserError("unavailable", { message })), PATIENCE);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
