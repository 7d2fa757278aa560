/** The floor: what AWS's runtime client and Node.js cost for a function that does nothing. */
export const handler = async () => ({ statusCode: 200, body: '{"status":"ok"}' });
