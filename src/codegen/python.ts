/** The Python models: Pydantic v2, discriminated by `type`. */
import { type ContractSchema, pascalCase } from "./schema.ts";
import { mapsOf, typesIn } from "./types.ts";

/** One module that needs `pydantic` alone. */
export async function pythonModels(contract: ContractSchema): Promise<string> {
  const types = await typesIn("python", contract, {
    "pydantic-base-model": true,
    "just-types": true,
  });
  const maps = mapsOf(contract).map((name) => `${name} = dict[str, Any]`);
  const { head, body } = splitImports(inOneSpelling(types, Object.keys(contract.definitions)));
  return `${head}

${body.trim()}


${maps.join("\n")}

${messages(contract.events, { suffix: "Event", base: "Envelope" })}

Event = Annotated[
    Union[
${members(contract.events, "Event")}
    ],
    Field(discriminator="type"),
]
"""An event, server → client."""


class CommandEnvelope(BaseModel):
    id: str | None = None
    timestamp: datetime | None = None


${messages(contract.commands, { suffix: "Command", base: "CommandEnvelope" })}

Command = Annotated[
    Union[
${members(contract.commands, "Command")}
    ],
    Field(discriminator="type"),
]
"""A command, client → server."""

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


def parse_event(text: str | bytes) -> Event:
    """An event as it came over the socket. Raises \`pydantic.ValidationError\`."""
    return _EVENT.validate_json(text)


def parse_command(text: str | bytes) -> Command:
    """A command, likewise."""
    return _COMMAND.validate_json(text)


def write(message: Event | Command) -> str:
    """A message as it goes over the socket: what is not there is left out."""
    return message.model_dump_json(exclude_none=True)
`;
}

/** For Python quicktype writes acronyms in capitals, "TTSStartData", with no option against it. */
function inOneSpelling(source: string, names: readonly string[]): string {
  const spelling = new Map(names.map((name) => [name.toLowerCase(), name]));
  return source.replace(/\b[A-Z]\w+\b/g, (word) => spelling.get(word.toLowerCase()) ?? word);
}

/** The imports, with those that the messages need, and the rest. */
function splitImports(source: string): { readonly head: string; readonly body: string } {
  const lines = source.split("\n");
  const last = lines.findLastIndex((line) => /^(from|import) /.test(line));
  const head = lines.slice(0, last + 1).toSorted().join("\n")
    .replace("from pydantic import BaseModel", "from pydantic import BaseModel, Field, TypeAdapter")
    .replace("from typing import Any", "from typing import Annotated, Any, Literal, Union");
  return { head, body: lines.slice(last + 1).join("\n") };
}

function messages(
  names: Readonly<Record<string, string>>,
  { suffix, base }: { readonly suffix: string; readonly base: string },
): string {
  return Object.entries(names).map(([type, data]) => `
class ${pascalCase(type)}${suffix}(${base}):
    type: Literal["${type}"] = "${type}"
    data: ${data}
`).join("\n");
}

function members(names: Readonly<Record<string, string>>, suffix: string): string {
  return Object.keys(names).map((type) => `        ${pascalCase(type)}${suffix},`).join("\n");
}
