import type { Outbound, OutboundFetch, OutboundReach } from "@plinth/core";
import type { AuthConfig, AuthOptions } from "../config/auth-options.ts";
import { isOnOwnMachine } from "../providers/addresses.ts";

/** Names of a setting, one in the other: `["hook", "sendEmail", "uri"]`. */
export type SettingPath = readonly string[];

/** How far requests go that are sent for a project. */
export interface ProjectOutbound {
  /** To what the project names, in its rows and settings, and what documents name that are found there. */
  readonly reach: OutboundReach;
  /** To what these settings name: anywhere, unless one of them is the project's own. */
  reachOf(...settings: readonly SettingPath[]): OutboundReach;
  within(reach: OutboundReach): OutboundFetch;
  /** To what this setting names. */
  fetchOf(setting: SettingPath): OutboundFetch;
}

export interface ProjectOutboundLayers {
  /** The host's, which alone says how far projects reach. */
  readonly options: AuthOptions;
  /** The project's. */
  readonly own: AuthOptions | undefined;
  /** Both. */
  readonly config: AuthConfig;
}

export function createProjectOutbound(outbound: Outbound, layers: ProjectOutboundLayers): ProjectOutbound {
  const reach = reachOfProject(layers);
  const reachOf = (...settings: readonly SettingPath[]): OutboundReach => (settings.some((setting) => isSet(layers.own, setting)) ? reach : "anywhere");
  const within = (to: OutboundReach): OutboundFetch => outbound.within(to);
  return { reach, reachOf, within, fetchOf: (setting) => within(reachOf(setting)) };
}

/** What runs beside a backend is let through where that is reached on the machine alone, as in development: by what the host says. */
function reachOfProject({ options, config }: ProjectOutboundLayers): OutboundReach {
  if (options.outbound?.allowPrivateAddresses) return "anywhere";
  return isOnOwnMachine(options) && isOnOwnMachine(config) ? "loopback" : "public";
}

function isSet(value: unknown, [name, ...rest]: SettingPath): boolean {
  if (name === undefined) return value !== undefined;
  return typeof value === "object" && value !== null && Object.hasOwn(value, name) && isSet((value as Readonly<Record<string, unknown>>)[name], rest);
}
