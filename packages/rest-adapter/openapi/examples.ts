import { EXAMPLE_FIELDS } from "@user-management/domain";

export const EXAMPLE_ID = "6f1c2f0e-5f0d-4c1e-9a64-3c8a1b0e7d52";
export const EXAMPLE_REQUEST_ID = "0b54ecc4-7c2f-4bd1-b2a0-0b0f2d1f6c55";

/** The representation of the user in the examples. */
export const EXAMPLE_USER = { user_id: EXAMPLE_ID, ...EXAMPLE_FIELDS };

export const EXAMPLE_UPDATE = { address: "456 Another St, New City" };
