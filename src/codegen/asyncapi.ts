/** The contract as an AsyncAPI 3 document. */
import { ANSWERS } from "../protocol/commands.ts";
import { SERVER_VERSION } from "../protocol/version.ts";
import { type ContractSchema, type JsonSchema, pascalCase, schemaDocument } from "./schema.ts";

/** One channel a session, every event received and every command sent on it, with the answers they get. */
export function asyncApiDocument(contract: ContractSchema): JsonSchema {
  const { $defs } = schemaDocument(contract);
  const messageNames = [
    ...Object.keys(contract.events).map((type) => ({ type, name: `${pascalCase(type)}Event` })),
    ...Object.keys(contract.commands).map((type) => ({ type, name: `${pascalCase(type)}Command` })),
  ];
  const messages = Object.fromEntries(messageNames.map(({ type, name }) => [
    name,
    { name: type, contentType: "application/json", payload: { $ref: `#/components/schemas/${name}` } },
  ]));
  const onChannel = (name: string) => ({ $ref: `#/channels/session/messages/${name}` });
  const events = Object.keys(contract.events).map((type) => onChannel(`${pascalCase(type)}Event`));
  const answered = Object.keys(contract.commands).map((type) => [
    type,
    {
      action: "send",
      channel: { $ref: "#/channels/session" },
      messages: [onChannel(`${pascalCase(type)}Command`)],
      reply: {
        channel: { $ref: "#/channels/session" },
        messages: [answerTo(type), "error"].map((answer) => onChannel(`${pascalCase(answer)}Event`)),
      },
    },
  ]);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Parley",
      version: SERVER_VERSION,
      description: "A local voice server: what it hears, thinks and says, event by event.",
      license: { name: "MIT" },
    },
    defaultContentType: "application/json",
    servers: {
      local: {
        host: "127.0.0.1:8765",
        protocol: "ws",
        security: [{ $ref: "#/components/securitySchemes/token" }],
      },
    },
    channels: {
      session: {
        address: "/ws/{session_id}",
        description:
          "Without a session id, \`local\`: the one that owns the machine's microphone and loudspeaker.",
        parameters: { session_id: { default: "local", description: "1 to 64 letters, digits, - or _" } },
        messages: Object.fromEntries(
          messageNames.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
      },
    },
    operations: {
      events: { action: "receive", channel: { $ref: "#/channels/session" }, messages: events },
      ...Object.fromEntries(answered),
    },
    components: {
      messages,
      schemas: moved($defs as JsonSchema),
      securitySchemes: {
        token: {
          type: "httpApiKey",
          in: "query",
          name: "token",
          description: "Required where the server listens beyond loopback; a bearer does as well.",
        },
      },
    },
  };
}

function answerTo(command: string): string {
  const answers: Readonly<Record<string, string>> = ANSWERS;
  return answers[command] ?? "ack";
}

/** AsyncAPI keeps its schemas in another place than JSON Schema does. */
function moved(definitions: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(definitions).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
