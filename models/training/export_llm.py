"""Writes starter-llm in the layout that transformers.js loads: export_llm.py llm.pt ../starter/llm"""

import argparse
import json
from pathlib import Path

import torch
from torch import Tensor, nn

from byte_tokens import END, MARKS, PAD, PHRASES, START, ByteTokens
from int8_weights import quantise
from llm_model import CONFIG, HEAD_WIDTH, HEADS, LAYERS, Llama

# ChatML; a tool call is what the model was trained to write: one JSON object between marks.
CHAT_TEMPLATE = "".join(
    [
        "{%- for m in messages -%}",
        "{{ '<|im_start|>' + m.role + '\\n' }}",
        "{%- if m.tool_calls -%}",
        "{%- for c in m.tool_calls -%}",
        "{%- set f = c.function if c.function else c -%}",
        '{{ \'<tool_call>{"name": "\' + f.name + \'", "arguments": \' }}',
        "{{ f.arguments if f.arguments is string else f.arguments | tojson }}",
        "{{ '}</tool_call>' }}",
        "{%- endfor -%}",
        "{%- else -%}",
        "{{ m.content }}",
        "{%- endif -%}",
        "{{ '<|im_end|>\\n' }}",
        "{%- endfor -%}",
        "{%- if add_generation_prompt -%}",
        "{{ '<|im_start|>assistant\\n' }}",
        "{%- endif -%}",
    ]
)


class Cached(nn.Module):
    """The model with the cache as single tensors, as transformers.js hands it over."""

    def __init__(self, net: Llama) -> None:
        super().__init__()
        self.net = net

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, *past: Tensor
    ) -> tuple[Tensor, ...]:
        pairs = list(zip(past[::2], past[1::2], strict=True))
        logits, present = self.net(input_ids, attention_mask, position_ids, pairs)
        return (logits, *present)


def write_graph(net: Llama, path: Path) -> None:
    """The network as ONNX, its weights as float32."""
    cache = [f"{layer}.{part}" for layer in range(LAYERS) for part in ("key", "value")]
    past, present = [f"past_key_values.{name}" for name in cache], [f"present.{name}" for name in cache]
    example = (torch.tensor([[1, 5]]), torch.ones(1, 5, dtype=torch.long), torch.tensor([[3, 4]]))
    axes = {
        "input_ids": {0: "b", 1: "t"},
        "attention_mask": {0: "b", 1: "s"},
        "position_ids": {0: "b", 1: "t"},
        "logits": {0: "b", 1: "t"},
        **{name: {0: "b", 2: "p"} for name in past},
        **{name: {0: "b", 2: "s"} for name in present},
    }
    torch.onnx.export(
        Cached(net).eval(),
        (*example, *(torch.randn(1, HEADS, 3, HEAD_WIDTH) for _ in past)),
        str(path),
        input_names=["input_ids", "attention_mask", "position_ids", *past],
        output_names=["logits", *present],
        dynamic_axes=axes,
        opset_version=14,
        dynamo=False,
    )


def configuration(tokens: ByteTokens) -> dict[str, dict[str, object]]:
    """The JSON files by name."""
    marks = {"bos_token_id": START, "eos_token_id": END, "pad_token_id": PAD}
    return {
        "config.json": {
            "model_type": "llama",
            "architectures": ["LlamaForCausalLM"],
            "vocab_size": len(tokens.tokens),
            "num_key_value_heads": HEADS,
            "head_dim": HEAD_WIDTH,
            "hidden_act": "silu",
            "tie_word_embeddings": True,
            **marks,
            "torch_dtype": "float32",
            **CONFIG,
        },
        "generation_config.json": {**marks, "max_new_tokens": 96, "do_sample": False},
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "eos_token": MARKS[END],
            "pad_token": MARKS[PAD],
            "bos_token": MARKS[START],
            "add_bos_token": False,
            "clean_up_tokenization_spaces": False,
            "model_max_length": CONFIG["max_position_embeddings"],
            "chat_template": CHAT_TEMPLATE,
        },
        "tokenizer.json": tokenizer(tokens),
    }


def tokenizer(tokens: ByteTokens) -> dict[str, object]:
    """`tokenizer.json` of Hugging Face tokenizers."""
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    first_phrase = len(tokens.tokens) - len(PHRASES)
    digits = {"type": "Digits", "individual_digits": True}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    none = dict.fromkeys(["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
    return {
        "version": "1.0",
        **dict.fromkeys(["truncation", "padding"]),
        "added_tokens": [
            *({"id": index, "content": mark, **plain, "special": True} for index, mark in enumerate(MARKS)),
            *({"id": first_phrase + i, "content": text, **plain, "special": False} for i, text in enumerate(PHRASES)),
        ],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [digits, byte_level]},
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            **none,
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {token: index for index, token in enumerate(tokens.tokens[:first_phrase])},
            "merges": [list(merge) for merge in tokens.merges],
        },
    }


def export(weights: Path, folder: Path) -> None:
    """`weights` is what train_llm.py wrote; `folder` is made."""
    tokens = ByteTokens.load()
    net = Llama(len(tokens.tokens))
    net.load_state_dict(torch.load(weights))
    model = folder / "onnx" / "model.onnx"
    model.parent.mkdir(parents=True, exist_ok=True)
    write_graph(net, model)
    quantise(model)
    for name, content in configuration(tokens).items():
        (folder / name).write_text(json.dumps(content, indent=None if name == "tokenizer.json" else 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    export(options.weights, options.folder)


if __name__ == "__main__":
    main()
