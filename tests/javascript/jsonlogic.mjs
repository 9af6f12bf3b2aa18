// JsonLogic's own evaluator with the operation in_segment of the TypeScript client. node jsonlogic.mjs SERVER KEY SEGMENT NAME MEMBER OTHER
import jsonLogic from "json-logic-js";
import { connect, inSegment } from "../../clients/typescript/dist/src/index.js";

const [server, key, segment, name, member, other] = process.argv.slice(2);
const client = connect(server, key);
const asked = {};
for (const [who, contact] of Object.entries({ member, other, nobody: null })) {
  jsonLogic.rm_operation("in_segment");
  jsonLogic.add_operation("in_segment", await inSegment(client, contact));
  asked[who] = [{ in_segment: segment }, { and: [{ in_segment: [name] }, { ">": [{ var: "value" }, 100] }] }, { "!": { in_segment: [segment] } }, { in_segment: ["no such segment"] }].map((rule) => jsonLogic.apply(rule, { value: 120 }));
}
for (const [how, made] of Object.entries({ refused: inSegment(connect(server, "sk_wrong"), member), unknown: inSegment(client, "external_id:nobody knows me") })) {
  asked[how] = await made.then(() => "let through", (error) => error.message);
}
console.log(JSON.stringify(asked));
