// The protocol's TypeScript SDK, which checks the schemas it is given. node mcp.mjs SERVER KEY SEGMENT CONTACT
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [server, key, segment, contact] = process.argv.slice(2);
const client = new Client({ name: "tests", version: "1.0.0" });
await client.connect(new StreamableHTTPClientTransport(new URL("mcp", server), { requestInit: { headers: { Authorization: `Bearer ${key}` } } }));
const { tools } = await client.listTools();
const answers = {};
for (const [name, args] of [
  ["list_segments", { limit: 3 }],
  ["get_segment", { segment }],
  ["list_segments_for_contact", { contact }],
  ["check_contact_in_segment", { segment, contact }],
  ["explain_membership", { segment, contact }],
  ["resolve_agent_context", { contact }],
]) {
  answers[name] = (await client.callTool({ name, arguments: args })).structuredContent;
}
console.log(JSON.stringify({ tools: tools.map((tool) => tool.name), answers }));
await client.close();
