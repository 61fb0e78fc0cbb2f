/** The Rust types: serde, internally tagged by `type`. */
import { type ContractSchema, pascalCase } from "./schema.ts";
import { typesIn } from "./types.ts";

/** One module that needs `serde` (with `derive`) and `serde_json`. */
export async function rustTypes(contract: ContractSchema): Promise<string> {
  const types = await typesIn("rust", contract, {
    visibility: "public",
    density: "dense",
    "derive-debug": true,
    "derive-clone": true,
    "derive-partial-eq": true,
    "skip-serializing-none": true,
    "leading-comments": false,
    "acronym-style": "camel",
  });
  return `${types.trim()}

/// What a command may carry beside its type and data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CommandEnvelope {
    /// The answer carries the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
}

/// An event, server → client. \`Unknown\` is one of a newer server.
${tagged("Event", contract.events, "Envelope")}

/// A command, client → server.
${tagged("Command", contract.commands, "CommandEnvelope")}
`;
}

function tagged(name: string, types: Readonly<Record<string, string>>, envelope: string): string {
  const variants = Object.entries(types).map(([type, data]) =>
    `    ${pascalCase(type)} {
        data: ${data},
        #[serde(flatten)]
        envelope: ${envelope},
    },`
  );
  if (name === "Event") variants.push("    #[serde(other)]\n    Unknown,");
  return `#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ${name} {
${variants.join("\n")}
}`;
}
