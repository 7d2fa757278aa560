// Swagger UI has a dark color scheme, which the page must enable.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const { servers, ...api } = await (await fetch("openapi.json")).json();

window.SwaggerUIBundle({
  // The last server is relative to this page, so that it is this server behind any proxy.
  spec: { ...api, servers: servers.slice(-1) },
  domNode: document.getElementById("swagger-ui"),
  deepLinking: true,
  tryItOutEnabled: true,
  // A key is in the memory of the page only, so that it is gone after a reload.
  persistAuthorization: false,
});
