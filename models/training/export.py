"""Write the trained starter models in the Hugging Face layout that transformers.js loads.

python3 export.py stt stt.pt OUT_DIR        python3 export.py llm llm.pt OUT_DIR
"""

import json, os, sys
import numpy as np, onnx, torch
from onnx import helper, numpy_helper, TensorProto


def shrink(path):
    """Store every large weight as int8 with one scale per output channel (DequantizeLinear): a quarter of the size."""
    m = onnx.load(path)
    g = m.graph
    nodes = []
    used_by = {}
    for n in g.node:
        for i in n.input:
            used_by.setdefault(i, []).append(n)
    for t in list(g.initializer):
        w = numpy_helper.to_array(t)
        if w.dtype != np.float32 or w.size < 4096 or "dft" in t.name or "frontend" in t.name:
            continue
        ops = {n.op_type for n in used_by.get(t.name, [])}
        axis = 1 if ops == {"MatMul"} and w.ndim == 2 else 0
        scale = np.abs(w).max(axis=tuple(i for i in range(w.ndim) if i != axis)) / 127 + 1e-12
        q = np.clip(
            np.round(w / scale.reshape([-1 if i == axis else 1 for i in range(w.ndim)])), -127, 127
        ).astype(np.int8)
        g.initializer.remove(t)
        g.initializer.extend(
            [
                numpy_helper.from_array(q, t.name + "_q"),
                numpy_helper.from_array(scale.astype(np.float32), t.name + "_s"),
                numpy_helper.from_array(np.zeros_like(scale, np.int8), t.name + "_z"),
            ]
        )
        nodes.append(
            helper.make_node(
                "DequantizeLinear", [t.name + "_q", t.name + "_s", t.name + "_z"], [t.name], axis=axis
            )
        )
    for n in reversed(nodes):
        g.node.insert(0, n)
    onnx.save(m, path)
    print(path, os.path.getsize(path))


def write(path, **kv):
    json.dump(kv, open(path, "w"), indent=1)


def stt(src, out):
    from model import Encoder, Recogniser

    vocab, _ = json.load(open("vocab.json"))
    net = Encoder(len(vocab) + 1)
    net.load_state_dict(torch.load(src))
    net = Recogniser(net).eval()
    os.makedirs(f"{out}/onnx", exist_ok=True)
    torch.onnx.export(
        net,
        torch.randn(1, 24000),
        f"{out}/onnx/model.onnx",
        input_names=["input_values"],
        output_names=["logits"],
        dynamic_axes={"input_values": {0: "batch", 1: "samples"}, "logits": {0: "batch", 1: "frames"}},
        opset_version=14,
    )
    shrink(f"{out}/onnx/model.onnx")
    tokens = {"<pad>": 0, **{t: i + 1 for i, t in enumerate(vocab)}}
    write(
        f"{out}/config.json",
        model_type="wav2vec2",
        architectures=["Wav2Vec2ForCTC"],
        vocab_size=len(tokens),
        pad_token_id=0,
    )
    write(
        f"{out}/preprocessor_config.json",
        feature_extractor_type="Wav2Vec2FeatureExtractor",
        processor_class="Wav2Vec2Processor",
        sampling_rate=16000,
        do_normalize=False,
        return_attention_mask=False,
        feature_size=1,
        padding_value=0.0,
    )
    write(
        f"{out}/tokenizer_config.json",
        tokenizer_class="Wav2Vec2CTCTokenizer",
        pad_token="<pad>",
        word_delimiter_token="|",
        do_lower_case=False,
        clean_up_tokenization_spaces=False,
    )
    write(
        f"{out}/tokenizer.json",
        version="1.0",
        truncation=None,
        padding=None,
        added_tokens=[
            dict(
                id=0,
                content="<pad>",
                single_word=False,
                lstrip=False,
                rstrip=False,
                normalized=False,
                special=True,
            )
        ],
        normalizer=None,
        pre_tokenizer=None,
        post_processor=None,
        decoder=dict(type="CTC", pad_token="<pad>", word_delimiter_token="|", cleanup=True),
        model=dict(
            type="BPE",
            dropout=None,
            unk_token=None,
            continuing_subword_prefix=None,
            end_of_word_suffix=None,
            fuse_unk=False,
            vocab=tokens,
            merges=[],
        ),
    )


TEMPLATE = "{%- for m in messages -%}{{ '<|im_start|>' + m.role + '\\n' }}{%- if m.tool_calls -%}{%- for c in m.tool_calls -%}{%- set f = c.function if c.function else c -%}{{ '<tool_call>{\"name\": \"' + f.name + '\", \"arguments\": ' }}{{ f.arguments if f.arguments is string else f.arguments | tojson }}{{ '}</tool_call>' }}{%- endfor -%}{%- else -%}{{ m.content }}{%- endif -%}{{ '<|im_end|>\\n' }}{%- endfor -%}{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}"


class Cached(torch.nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, input_ids, attention_mask, position_ids, *past):
        lg, kv = self.net(
            input_ids,
            attention_mask,
            position_ids,
            [(past[2 * i], past[2 * i + 1]) for i in range(len(past) // 2)],
        )
        return (lg, *kv)


def llm(src, out):
    import bytebpe
    from llm import Llama, CONFIG as c

    vocab, merges = json.load(open("llm_vocab.json"))
    net = Llama(len(vocab))
    net.load_state_dict(torch.load(src))
    net = Cached(net).eval()
    os.makedirs(f"{out}/onnx", exist_ok=True)
    L, H = c["num_hidden_layers"], c["num_attention_heads"]
    D = c["hidden_size"] // H
    past = [torch.randn(1, H, 3, D) for _ in range(2 * L)]
    names = [f"{i}.{k}" for i in range(L) for k in ("key", "value")]
    ins = ["input_ids", "attention_mask", "position_ids"] + [f"past_key_values.{n}" for n in names]
    outs = ["logits"] + [f"present.{n}" for n in names]
    dyn = {
        "input_ids": {0: "b", 1: "t"},
        "attention_mask": {0: "b", 1: "s"},
        "position_ids": {0: "b", 1: "t"},
        "logits": {0: "b", 1: "t"},
        **{f"past_key_values.{n}": {0: "b", 2: "p"} for n in names},
        **{f"present.{n}": {0: "b", 2: "s"} for n in names},
    }
    torch.onnx.export(
        net,
        (torch.tensor([[1, 5]]), torch.ones(1, 5, dtype=torch.long), torch.tensor([[3, 4]]), *past),
        f"{out}/onnx/model.onnx",
        input_names=ins,
        output_names=outs,
        dynamic_axes=dyn,
        opset_version=14,
    )
    shrink(f"{out}/onnx/model.onnx")
    write(
        f"{out}/config.json",
        model_type="llama",
        architectures=["LlamaForCausalLM"],
        vocab_size=len(vocab),
        num_key_value_heads=H,
        head_dim=D,
        hidden_act="silu",
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        torch_dtype="float32",
        **c,
    )
    write(
        f"{out}/generation_config.json",
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        max_new_tokens=96,
        do_sample=False,
    )
    write(
        f"{out}/tokenizer_config.json",
        tokenizer_class="PreTrainedTokenizerFast",
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        bos_token="<|im_start|>",
        add_bos_token=False,
        clean_up_tokenization_spaces=False,
        model_max_length=1024,
        chat_template=TEMPLATE,
    )
    bytebpe.write(f"{out}/tokenizer.json", vocab, merges)


if __name__ == "__main__":
    {"stt": stt, "llm": llm}[sys.argv[1]](*sys.argv[2:])
