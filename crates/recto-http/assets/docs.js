"use strict";

SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#docs",
  presets: [SwaggerUIBundle.presets.apis],
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  tryItOutEnabled: false,
  // Would send the document's address to a host of Swagger's makers.
  validatorUrl: null,
});
