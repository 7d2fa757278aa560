import { ApiError, createUsersClient } from "@user-management/client";
// @ts-expect-error the base URL is missing
createUsersClient({});
export async function move(users, user_id, address) {
    const found = await users.get(user_id);
    // @ts-expect-error the user may not exist
    void found.user;
    // @ts-expect-error the field does not exist
    await users.update(user_id, { adress: address });
    // @ts-expect-error a first name is text, or null to remove it
    await users.update(user_id, { firstname: 1 });
    return found && (await users.update(user_id, { address }, { ifMatch: found.etag })).etag;
}
export function isEmailTaken(error) {
    // @ts-expect-error the problem type does not exist
    if (error instanceof ApiError && error.type === "email-in-use")
        return true;
    return error instanceof ApiError && error.type === "email-taken";
}
// @ts-expect-error genders begin with an upper-case letter
export const gender = "male";
//# sourceMappingURL=client.js.map