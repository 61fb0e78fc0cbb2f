"""Writes starter-stt in the layout that transformers.js loads: export_stt.py stt.pt ../starter/stt"""

import argparse
import json
from pathlib import Path

import torch

from int8_weights import quantise
from log_mel import SAMPLE_RATE_HZ
from stt_model import Encoder, Recogniser
from word_pieces import BLANK, WORD_END, WordPieces

PAD = "<pad>"


def configuration(pieces: WordPieces) -> dict[str, dict[str, object]]:
    """The JSON files by name. transformers.js takes any CTC model on raw audio that says it is wav2vec2."""
    ids = {PAD: BLANK, **{piece: index + 1 for index, piece in enumerate(pieces.pieces)}}
    pad = {"id": BLANK, "content": PAD, "special": True}
    pad |= {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    none = dict.fromkeys(["dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix"])
    return {
        "config.json": {
            "model_type": "wav2vec2",
            "architectures": ["Wav2Vec2ForCTC"],
            "vocab_size": len(ids),
            "pad_token_id": BLANK,
        },
        "preprocessor_config.json": {
            "feature_extractor_type": "Wav2Vec2FeatureExtractor",
            "processor_class": "Wav2Vec2Processor",
            "sampling_rate": SAMPLE_RATE_HZ,
            "do_normalize": False,
            "return_attention_mask": False,
            "feature_size": 1,
            "padding_value": 0.0,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "Wav2Vec2CTCTokenizer",
            "pad_token": PAD,
            "word_delimiter_token": WORD_END,
            "do_lower_case": False,
            "clean_up_tokenization_spaces": False,
        },
        "tokenizer.json": {
            "version": "1.0",
            **dict.fromkeys(["truncation", "padding"]),
            "added_tokens": [pad],
            **dict.fromkeys(["normalizer", "pre_tokenizer", "post_processor"]),
            "decoder": {"type": "CTC", "pad_token": PAD, "word_delimiter_token": WORD_END, "cleanup": True},
            "model": {"type": "BPE", **none, "fuse_unk": False, "vocab": ids, "merges": []},
        },
    }


def export(weights: Path, folder: Path) -> None:
    """`weights` is what train_stt.py wrote; `folder` is made."""
    pieces = WordPieces.load()
    encoder = Encoder(len(pieces.pieces) + 1)
    encoder.load_state_dict(torch.load(weights))
    model = folder / "onnx" / "model.onnx"
    model.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        Recogniser(encoder).eval(),
        torch.randn(1, 24_000),
        str(model),
        input_names=["input_values"],
        output_names=["logits"],
        dynamic_axes={"input_values": {0: "batch", 1: "samples"}, "logits": {0: "batch", 1: "frames"}},
        opset_version=17,
        dynamo=False,
    )
    quantise(model)
    for name, content in configuration(pieces).items():
        (folder / name).write_text(json.dumps(content, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    export(options.weights, options.folder)


if __name__ == "__main__":
    main()
