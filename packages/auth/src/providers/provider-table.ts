import type { AuthConfig } from "../config/auth-options.ts";
import { apple } from "./definitions/apple.ts";
import { azure } from "./definitions/azure.ts";
import { bitbucket } from "./definitions/bitbucket.ts";
import { discord } from "./definitions/discord.ts";
import { facebook } from "./definitions/facebook.ts";
import { figma } from "./definitions/figma.ts";
import { github } from "./definitions/github.ts";
import { gitlab } from "./definitions/gitlab.ts";
import { google } from "./definitions/google.ts";
import { kakao } from "./definitions/kakao.ts";
import { keycloak } from "./definitions/keycloak.ts";
import { linkedinOidc } from "./definitions/linkedin-oidc.ts";
import { notion } from "./definitions/notion.ts";
import { slackOidc } from "./definitions/slack-oidc.ts";
import { spotify } from "./definitions/spotify.ts";
import { twitch } from "./definitions/twitch.ts";
import { wechat } from "./definitions/wechat.ts";
import { x } from "./definitions/x.ts";
import { zoom } from "./definitions/zoom.ts";
import type { ProviderDefinition, ProviderSettings } from "./provider-definition.ts";

type External = AuthConfig["external"];
/** Settings below `external` that are a provider's. */
export type KnownProvider = { [Name in keyof External]: External[Name] extends ProviderSettings ? Name : never }[keyof External];

/** By the name of their settings. */
export const PROVIDERS: Readonly<Record<KnownProvider, ProviderDefinition>> = {
  apple, azure, bitbucket, discord, facebook, figma, github, gitlab, google, kakao, keycloak, linkedinOidc, notion, slackOidc, spotify, twitch, wechat, x, zoom,
};

/** By what `provider=` has: `linkedin_oidc` for `linkedinOidc`. */
export const KNOWN_PROVIDERS: ReadonlyMap<string, KnownProvider> = new Map((Object.keys(PROVIDERS) as KnownProvider[]).map((name) => [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), name]));
