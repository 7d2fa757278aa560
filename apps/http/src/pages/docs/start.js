// Swagger UI has a dark color scheme, which the page must enable.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

window.SwaggerUIBundle({
  url: "openapi.json",
  domNode: document.getElementById("swagger-ui"),
  deepLinking: true,
  tryItOutEnabled: true,
});
