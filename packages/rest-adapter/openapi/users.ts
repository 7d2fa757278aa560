import { exampleFields } from "./field-schemas.ts";

export const exampleId = "6f1c2f0e-5f0d-4c1e-9a64-3c8a1b0e7d52";

/** The user of the examples, as it is answered. */
export const exampleUser = { user_id: exampleId, ...exampleFields };
