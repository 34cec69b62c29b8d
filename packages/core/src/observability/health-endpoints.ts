import type { Endpoint, EndpointAnswer } from "../fetch-handler/endpoint.ts";
import type { Health, Readiness } from "./readiness.ts";

/** `<path>/live`: the process answers. `<path>/ready`: it can do its work. Both say a status and nothing else. */
export function healthEndpoints(path: string, readiness: Readiness): readonly Endpoint[] {
  return [
    { path: `${path}/live`, answer: () => say(200, "ok") },
    {
      path: `${path}/ready`,
      answer: async () => {
        const { status } = await readiness.health();
        return status === "ok" ? say(200, status) : { ...say(503, status), headers: { ...JSON_TYPE, "retry-after": "1" } };
      },
    },
  ];
}

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

const say = (status: number, body: Health["status"]): EndpointAnswer => ({ status, body: JSON.stringify({ status: body }), headers: JSON_TYPE });
