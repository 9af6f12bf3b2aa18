import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type { components, paths };
export type SegmentEngineClient = Client<paths>;
export type ErrorBody = components["schemas"]["ErrorBody"];

/** How calls that only ask are tried again. */
export interface RetryOptions {
  /** How often at most, the first time included; 4 where nothing is said. */
  tries?: number;
}

const statusesToTryAgain = [429, 503];

/** A client of every call that the server's OpenAPI document describes. Reads that the server is too busy for (429, 503) are made again after the time it asks for. */
export function connect(baseUrl: string, key: string, retry: RetryOptions = {}): SegmentEngineClient {
  const tries = retry.tries ?? 4;
  const tryAgain: Middleware = {
    async onResponse({ request, response }) {
      for (let made = 1; made < tries && request.method === "GET" && statusesToTryAgain.includes(response.status); made++) {
        const seconds = Number(response.headers.get("Retry-After") ?? 0.2 * 2 ** (made - 1));
        await new Promise((go) => setTimeout(go, Math.min(seconds, 10) * 1000 * (0.75 + Math.random() / 2)));
        response = await fetch(request.clone());
      }
      return response;
    },
  };
  const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
  client.use(tryAgain);
  return client;
}

/** What JsonLogic calls with a segment's id or name: whether the contact is in it. */
export type InSegment = (segment: string) => boolean;

/**
 * The JsonLogic operation `in_segment` for one contact, to be added where rules of a workflow are evaluated: `jsonLogic.add_operation("in_segment", await inSegment(client, "external_id:u-1"))`.
 * It holds the memberships of the moment it was made; make it anew for each message. Nobody in particular (null) is in no segment; a contact that is not known is an error, for a rule that asks who is not in a segment would let it through.
 */
export async function inSegment(client: SegmentEngineClient, contact: string | null): Promise<InSegment> {
  if (contact === null) {
    return () => false;
  }
  const { data, error, response } = await client.GET("/contacts/segments/contacts/{contact_id}", { params: { path: { contact_id: contact } } });
  if (!data) {
    throw new Error(`the segments of the contact cannot be asked for: ${response.status} ${error?.message ?? ""}`);
  }
  const names = new Set(data.data.flatMap((segment) => [segment.id, segment.name]));
  return (segment) => names.has(segment);
}
