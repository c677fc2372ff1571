// What a client does with Recto, in the types that were generated from its OpenAPI document: sign in, send files, wait,
// read and export. It fails on the first thing that is not as described.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import createClient from "openapi-fetch";
import type { components, paths } from "./recto.js";

type BatchDetails = components["schemas"]["BatchDetails"];

const [base, credentialsFile, ...documents] = process.argv.slice(2);
if (base === undefined || credentialsFile === undefined || documents.length === 0) {
  throw new Error("smoke: BASE_URL CREDENTIALS.json FILE…");
}
const { apiKey, projectId } = JSON.parse(await readFile(credentialsFile, "utf8")) as Record<"apiKey" | "projectId", string>;

const anonymous = createClient<paths>({ baseUrl: base });
const signedIn = got(await anonymous.POST("/v1/openapi/auth/login", { body: { token: apiKey } }));
expect(signedIn.tokenInfo.type === "organization", "the key is the organization's");
const client = createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${signedIn.accessToken}` } });

const projects = got(await client.GET("/v1/openapi/projects"));
expect(projects.some((project) => project.id === projectId), "the project is listed");

const files = await Promise.all(documents.map(async (path) => new File([await readFile(path)], basename(path))));
const batch = got(
  await client.POST("/v1/openapi/batch/upload", {
    body: { files: files as unknown as string[], projectId, name: "A generated client", metadata: '{"run": 1}' },
    bodySerializer: (body) => {
      const form = new FormData();
      for (const file of body.files as unknown as File[]) form.append("files", file, file.name);
      for (const [name, value] of Object.entries(body)) if (typeof value === "string") form.append(name, value);
      return form;
    },
  }),
);
expect(batch.totalFiles === documents.length && batch.status === "processing", "the batch is queued");

const done = await finished(batch.id);
expect(done.status === "completed" && done.progress === 100, `the batch completes: ${JSON.stringify(done.files)}`);
expect(done.files.every((file) => file.pagesDone > 0 && file.error === null), "every file was read");
expect(done.metadata?.["run"] === 1, "metadata comes back");

const page = got(await client.GET("/v1/openapi/batch", { params: { query: { projectId, status: "completed", limit: 5 } } }));
expect(page.data[0]?.id === batch.id && page.pagination.total === 1, "the list has the batch");

const recordId = done.processingHistoryIds[0];
expect(recordId !== undefined, "the batch names its records");
const record = got(await client.GET("/v1/openapi/processing-history/{recordId}", { params: { path: { recordId } } }));
expect((record.text ?? "").length > 20, "the record has text");

const path = { batchId: batch.id };
const exported = got(await client.GET("/v1/openapi/batch/{batchId}/export", { params: { path, query: { format: "json" } } }));
expect((exported as { documents: unknown[] }).documents.length === documents.length, "the export has every document");
const pdf = await client.GET("/v1/openapi/batch/{batchId}/export", {
  params: { path, query: { format: "pdf" } },
  parseAs: "arrayBuffer",
});
expect(Buffer.from(got(pdf)).subarray(0, 5).toString() === "%PDF-", "the PDF is one");

const refused = await client.GET("/v1/openapi/batch/{batchId}", { params: { path: { batchId: "0".repeat(24) } } });
expect(refused.error?.statusCode === 404 && refused.response.status === 404, "an unknown batch is 404 in the one form");

const gone = await client.DELETE("/v1/openapi/batch/{batchId}", { params: { path } });
expect(gone.response.status === 204, "the batch is deleted");
console.log(`smoke: ${documents.length} files sent, read, exported and deleted`);

async function finished(batchId: string): Promise<BatchDetails> {
  for (let tries = 0; tries < 600; tries += 1) {
    const batch = got(await client.GET("/v1/openapi/batch/{batchId}", { params: { path: { batchId } } }));
    if (batch.status !== "processing" && batch.status !== "uploading") return batch;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("smoke: the batch does not end");
}

// The body of a good answer.
function got<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) throw new Error(`${answer.response.status}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`smoke: not so: ${what}`);
}
