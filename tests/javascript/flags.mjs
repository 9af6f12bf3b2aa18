// OpenFeature's own SDK and its provider for the remote evaluation protocol. node flags.mjs SERVER KEY FLAG MEMBER OTHER
import { OpenFeature } from "@openfeature/server-sdk";
import { OFREPProvider } from "@openfeature/ofrep-provider";

const [server, key, flag, member, other] = process.argv.slice(2);
await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: server, headers: [["Authorization", `Bearer ${key}`]] }));
const client = OpenFeature.getClient();
const asked = {
  member: await client.getBooleanDetails(flag, false, { targetingKey: member }),
  other: await client.getBooleanDetails(flag, true, { targetingKey: other }),
  nobody: await client.getBooleanDetails(flag, true, { targetingKey: "nobody knows me" }),
  none: await client.getBooleanDetails("no such flag", false, { targetingKey: member }),
};
console.log(JSON.stringify(asked));
await OpenFeature.close();
