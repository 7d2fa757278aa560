/** The lower bound: a function without work costs only AWS's runtime client and Node.js. */
export const handler = async () => ({ statusCode: 200, body: '{"status":"ok"}' });
