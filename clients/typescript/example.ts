// The client at work: npm run build, then node dist/example.js SERVER KEY SEGMENT CONTACT
import { connect } from "./src/index.js";

const [server, key, segment, contact] = process.argv.slice(2) as [string, string, string, string];
const client = connect(server, key);
const listed = await client.GET("/contacts/segments", { params: { query: { limit: 3 } } });
const checked = await client.GET("/contacts/segments/{segment_id}/contacts/{contact_id}", { params: { path: { segment_id: segment, contact_id: contact } } });
const resolved = await client.POST("/gating/resolve", { body: { contact_id: contact, channel: "web" } });
const unknown = await client.GET("/contacts/segments/{segment_id}", { params: { path: { segment_id: "00000000-0000-0000-0000-000000000000" } } });
const names: string[] = listed.data?.data.map((each) => each.name) ?? [];
const isMember: boolean | undefined = checked.data?.is_member;
console.log(JSON.stringify({ names, isMember, actions: resolved.data?.actions.length, status: unknown.error?.statusCode }));
