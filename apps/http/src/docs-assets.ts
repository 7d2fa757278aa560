/** Every file of the page at `/docs`, by the path that serves it. No other file can be asked for. */
export const assets = {
  "/docs": { file: "./docs/page.html", type: "text/html; charset=utf-8" },
  "/docs/page.css": { file: "./docs/page.css", type: "text/css; charset=utf-8" },
  "/docs/start.js": { file: "./docs/start.js", type: "text/javascript; charset=utf-8" },
  "/docs/swagger-ui-bundle.js": {
    file: "swagger-ui-dist/swagger-ui-bundle.js",
    type: "text/javascript; charset=utf-8",
  },
  "/docs/swagger-ui.css": { file: "swagger-ui-dist/swagger-ui.css", type: "text/css; charset=utf-8" },
  "/docs/favicon-32x32.png": { file: "swagger-ui-dist/favicon-32x32.png", type: "image/png" },
} as const;
