/**
 * What public manifests pin of the catalogue's repositories: commits, sizes and SHA-256, none of which could be
 * compared with the hub when they were written down. The hub's listing must agree with them, or nothing is fetched.
 */

/** A repository's pinned commit and files: path → bytes and SHA-256. */
export interface KnownRepository {
  readonly revision?: string;
  readonly files: Readonly<Record<string, readonly [bytes: number, sha256: string]>>;
}

/** By repository. */
export const KNOWN_FILES: Readonly<Record<string, KnownRepository>> = {
  "onnx-community/moonshine-tiny-ONNX": {
    revision: "a6da1241cd305dcd64eab1edbd615f2bb9aabb95",
    files: {
      "config.json": [921, "558e1e02069137c796ace1e50c48d8fe451f04a295929138e6bea885517f0edb"],
      "preprocessor_config.json": [128, "fa43a7017ef85cd1d0fba0d9aae77c8adb16990ae6f11115631f41ec5d8aa679"],
      "generation_config.json": [147, "f9b3f711b57be7def2e50a8942f64f36ee0a55fad5b84ff93a687b6c5bcc1d44"],
      "tokenizer_config.json": [135735, "edaee394565d428ea98a663ae7209cdcfeefc5585c42d7a570ff7c986df2cd15"],
      "tokenizer.json": [3761754, "7b913404bdd039af4756783218af4440bc07fb7d6d8258d677e34f95b3ec416f"],
      "onnx/encoder_model_quantized.onnx": [
        7937661,
        "c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a",
      ],
      "onnx/decoder_model_merged_quantized.onnx": [
        20243286,
        "eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367",
      ],
    },
  },
  "onnx-community/moonshine-base-ONNX": {
    revision: "b1e9b6aae3c3c7298f10c3798393fdf38e8fbbad",
    files: {
      "onnx/encoder_model.onnx": [
        80818781,
        "153e128e7abd64a74ee47f2c3f585c3171c4d46cbb368b032827934c4e01e779",
      ],
      "onnx/decoder_model_merged.onnx": [
        166211345,
        "58778763ca8438963190244d6b26572bdca2cedec56a4b91e828f3f2d69ef3c5",
      ],
      "tokenizer.json": [3761754, "7b913404bdd039af4756783218af4440bc07fb7d6d8258d677e34f95b3ec416f"],
    },
  },
  "onnx-community/whisper-tiny.en_timestamped": {
    revision: "aeaa13760958b03fac5062f457d317d3319c3168",
    files: {},
  },
  "onnx-community/whisper-base.en_timestamped": {
    files: {},
  },
  "onnx-community/whisper-small.en_timestamped": {
    files: {},
  },
  "onnx-community/whisper-tiny_timestamped": {
    revision: "517244293732ee2d58139af5814231b7e6830a0d",
    files: {},
  },
  "onnx-community/whisper-base_timestamped": {
    revision: "608c49e61301901684bc36cac8f74b95ff6b5a8e",
    files: {
      "config.json": [2243, "f4d0608f7d918166da7edb3e188de5ef1bfe70d9802e785d271fd88111e9cf4b"],
      "generation_config.json": [3832, "61070cf8de25b1e9256e8e102ded49d8d24a8369ed36ef84fdf21549e68125a0"],
      "preprocessor_config.json": [339, "a6a76d28c93edb273669eb9e0b0636a2bddbb1272c3261e47b7ca6dfdbac1b8d"],
      "tokenizer.json": [2480466, "27fc476bfe7f17299480be2273fc0608e4d5a99aba2ab5dec5374b4482d1a566"],
      "tokenizer_config.json": [282682, "2e036e4dbacfdeb7242c7d4ec4149f4a16e86026048f94d1637e3a8ee9c6a573"],
      "onnx/encoder_model_quantized.onnx": [
        23159167,
        "2714484ebe1bae7c1646e8eadb768bb9d415cf11763466d21f23039a29c62e6f",
      ],
      "onnx/decoder_model_merged_quantized.onnx": [
        53712708,
        "cf9a8d5bcddc0917a0078135b484cedcaf44f28909cd91910abd29dced9171db",
      ],
      "onnx/encoder_model.onnx": [
        82451730,
        "7fcea817bb2be4d86729b521e5a7fcbec28fa743edfed67e882b33ff15852540",
      ],
      "onnx/decoder_model_merged_q4.onnx": [
        123738327,
        "fc1902ce2e42c69b2346d8e2a98898c60c01da1e6a64ae90f41d22350ac7db13",
      ],
    },
  },
  "onnx-community/whisper-small_timestamped": {
    revision: "65caa70f294b46e1c33ff820aae6b16d048ab818",
    files: {
      "config.json": [2227, "457854d452f17661e197d74aee12b8e74fb75ba30ebfaa7426d0d61ea1e08a18"],
      "generation_config.json": [3893, "f538b28220c6a6d6f1af1458d4141cacb4ef4963df3de98a19490440c412ddf0"],
      "preprocessor_config.json": [339, "a6a76d28c93edb273669eb9e0b0636a2bddbb1272c3261e47b7ca6dfdbac1b8d"],
      "tokenizer.json": [2480466, "27fc476bfe7f17299480be2273fc0608e4d5a99aba2ab5dec5374b4482d1a566"],
      "tokenizer_config.json": [282683, "2a4c4281cf9f51ac6ccc406fdc711a087afe6530f671fa7b80953edc498275ce"],
      "onnx/encoder_model.onnx": [
        352791798,
        "c0908c1ef2326f5487d1f77e56c6925f910ae56c87fa269ed885682ac851e588",
      ],
      "onnx/decoder_model_merged_q4.onnx": [
        233421212,
        "333bf5560a548e89b03abab5c4d33a7057129b08782707cebcbdf25b63588915",
      ],
    },
  },
  "onnx-community/parakeet-ctc-0.6b-ONNX": {
    revision: "7df2cab7aed886b8b7f80d68a8214007e4847601",
    files: {
      "onnx/model_int8.onnx": [1303007, "4de804b59b7b839ca21b97b5e506e558a859301d9a231a537e43c8f521037348"],
      "onnx/model_int8.onnx_data": [
        610974468,
        "136207926beb9b3bc0779d7a96c179013f51b292c320e96ae7a341ef62ab53d9",
      ],
      "tokenizer.json": [412363, "f3f1dd45c3889ed2b5bf67180caf05f51d7d7e4948c20e5f24d8c24df9cc47aa"],
    },
  },
  "HuggingFaceTB/SmolLM2-135M-Instruct": {
    revision: "12fd25f77366fa6b3b4b768ec3050bf629380bac",
    files: {
      "config.json": [861, "8eb740e8bbe4cff95ea7b4588d17a2432deb16e8075bc5828ff7ba9be94d982a"],
      "generation_config.json": [132, "87b916edaaab66b3899b9d0dd0752727dff6666686da0504d89ae0a6e055a013"],
      "tokenizer.json": [2104556, "9ca9acddb6525a194ec8ac7a87f24fbba7232a9a15ffa1af0c1224fcd888e47c"],
    },
  },
  "HuggingFaceTB/SmolLM2-360M-Instruct": {
    revision: "a10cc1512eabd3dde888204e902eca88bddb4951",
    files: {},
  },
  "HuggingFaceTB/SmolLM2-1.7B-Instruct": {
    revision: "31b70e2e869a7173562077fd711b654946d38674",
    files: {},
  },
  "onnx-community/Qwen3-0.6B-ONNX": {
    revision: "da1453100cf3ff33ef56d17983fc7a8648706db6",
    files: {
      "config.json": [912, "8a04114ba59cc42b47d804d35d1d5c61d746ae4634f41f796768c6e302d39b9e"],
      "generation_config.json": [219, "9e9e031ae8bca36eefcdcdd0b35d83c61baa01e31d68d5f5a961c9ca1a4b95bf"],
      "tokenizer.json": [9117040, "e7a95fce95bf5b0946d0ddb3f9d7caa030b7e850bbe92b0edb26bcf563e9f3d5"],
      "tokenizer_config.json": [9705, "b0a8115cf05a7002cbe2575058c0139c1dee3f06f221c05717c3444947d78b9f"],
      "onnx/model_quantized.onnx": [
        617687575,
        "ccf8734e59fdf7475b2dc0c117005e267a3a08342c1d951e0a79f0bce57bf62a",
      ],
      "onnx/model_q4.onnx": [919096585, "d43d836fc5e240df9013733ccd214972c5d21bd9ec47e574e4f1e359cf90aed0"],
      "onnx/model_q4f16.onnx": [
        569789750,
        "9e33a5911974174761d0dfdcc0bec975d9c45af0eae5e9eb647b8ba9442a8f91",
      ],
    },
  },
  "onnx-community/Qwen3-1.7B-ONNX": {
    revision: "cc6a06a21d614e9b8e92a6adfab1074d4e7d2438",
    files: {
      "tokenizer.json": [9117040, "e7a95fce95bf5b0946d0ddb3f9d7caa030b7e850bbe92b0edb26bcf563e9f3d5"],
      "onnx/model_q4f16.onnx": [
        1426069098,
        "fb85b44defdf43ace50c7a4937127e889b9f8a0483eb87a6c4151a815c5da3b5",
      ],
    },
  },
  "onnx-community/Qwen3-4B-ONNX": {
    revision: "98ddba15d05dede4435afb63f13280abcdbc2a48",
    files: {
      "onnx/model_q4f16.onnx": [59762833, "d3e946f9e38577411b0251051c91a1f20c3c0c831e1cf76a13c58ce279d950de"],
      "onnx/model_q4f16.onnx_data": [
        2096005120,
        "050398248de4fce7b31b2d2caa909596e4c7aa0f35696270df46b8aaf2209fc8",
      ],
      "onnx/model_q4f16.onnx_data_1": [
        677150720,
        "363ff5e70ebeb5866afea8eb80b7bdfe22d94d735a8c4d2ebf90c75424c2a410",
      ],
      "tokenizer.json": [9117040, "e7a95fce95bf5b0946d0ddb3f9d7caa030b7e850bbe92b0edb26bcf563e9f3d5"],
    },
  },
  "onnx-community/LFM2-350M-ONNX": {
    revision: "5bc4b3e8cfd21660c0b1b9faa447ffbd9926b829",
    files: {},
  },
  "onnx-community/LFM2-1.2B-ONNX": {
    files: {},
  },
  "onnx-community/gemma-3-270m-it-ONNX": {
    revision: "2dbbfdb1b59bd034eb959428c6a7da9dd7ea27f0",
    files: {},
  },
  "onnx-community/gemma-3-1b-it-ONNX": {
    revision: "a58439f40017d3b99c7d378ff525e54e0ba08ebf",
    files: {},
  },
  "onnx-community/Llama-3.2-1B-Instruct-ONNX": {
    revision: "14007543b6dc92de88daf96a9aa85d2f95ace6ef",
    files: {
      "tokenizer.json": [9085657, "79e3e522635f3171300913bb421464a87de6222182a0570b9b2ccba2a964b2b4"],
    },
  },
  "onnx-community/Llama-3.2-3B-Instruct-ONNX": {
    revision: "cab364e7d0e1de7aa09e3abc932be92361c5b55f",
    files: {
      "config.json": [1162, "93104420bd10292f1db7f2a0d940f431d760096b46bfa5de64cd6efa613a9e5c"],
      "generation_config.json": [218, "8baea8f248b53e37390f42aa732068b887668357bc09fd1a3361ba91e7b67cda"],
      "chat_template.jinja": [3827, "5816fce10444e03c2e9ee1ef8a4a1ea61ae7e69e438613f3b17b69d0426223a4"],
      "tokenizer_config.json": [54557, "fb8e113b6240ab997fe87464b8b58697cc769a8df40699356e8524d0dfc60c0e"],
      "tokenizer.json": [11574638, "3a223ade375cc1d13b04e897ce1d36a04f50140e1ba3d107021ea68d4b5e614c"],
      "onnx/model_q4f16.onnx": [260899, "43648be8ff45ed7bc75c75ea0d495beffa8a8632910e53d3aa824d6bfffaae46"],
      "onnx/model_q4f16.onnx_data": [
        2095929344,
        "0669c8c258ea5437b82cc17e5ca87bb91a9ede5b2f5ff80675c0b8e51f1b6043",
      ],
      "onnx/model_q4f16.onnx_data_1": [
        311427072,
        "63b1b82298ad66f940b4f918f81c386fbe4e15a4e178efb14bc558d127185113",
      ],
    },
  },
  "onnx-community/Kokoro-82M-v1.0-ONNX": {
    revision: "1939ad2a8e416c0acfeecc08a694d14ef25f2231",
    files: {
      "config.json": [44, "df34b4f930b23447cd4dc410fabfb42eb3f24e803e6c3f97d618fb359380a36f"],
      "tokenizer.json": [3497, "77a02c8e164413299b4b4c403b14f8e0e1c1b727db4d46a09d6327b861060a34"],
      "tokenizer_config.json": [113, "be1cb066d6ef6b074b3f15e6a6dd21ac88ff3cdaedf325f0aaed686c70f75d20"],
      "onnx/model_quantized.onnx": [
        92361116,
        "fbae9257e1e05ffc727e951ef9b9c98418e6d79f1c9b6b13bd59f5c9028a1478",
      ],
      "onnx/model_q4.onnx": [305215966, "04cf570cf9c4153694f76347ed4b9a48c1b59ff1de0999e6605d123966b197c7"],
      "onnx/model_q4f16.onnx": [
        154586422,
        "d1a508a6a29671ead84fac99c7401fbd3c21a583fc6ed1406d1ec974d53bf45f",
      ],
      "onnx/model.onnx": [325532232, "8fbea51ea711f2af382e88c833d9e288c6dc82ce5e98421ea61c058ce21a34cb"],
      "voices/af_heart.bin": [522240, "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b"],
      "voices/am_adam.bin": [522240, "162b035ed91cfc48b6046982184c645f72edcdd1b82843347f605d7bf7b15716"],
    },
  },
  "onnx-community/Supertonic-TTS-ONNX": {
    revision: "cff123c84b0655d9d647641f1b532c3cbb8f7faa",
    files: {
      "config.json": [247, "37cdafab327b4360e0d6911956bfb3ca3d7254b53749e06ca41ab422d7686259"],
      "tokenizer.json": [2038, "da6954f045585fc12c8ea9831b3c3eb1c5bffc8ef7ff6b6db7de781cd472ee01"],
      "tokenizer_config.json": [119, "87dad35dfef4b41ef8bb92723e2fc040b91d3fdf770ee5f4716fa5d4896f7a68"],
      "onnx/text_encoder.onnx": [433169, "50a03d29d5dc95918eeff578f542b814f3cf5a741f927116f5a8462a76ff6898"],
      "onnx/text_encoder.onnx_data": [
        28426752,
        "6415854f135a318909dc716e90f83a391d9a91bd9da09bdb6d6763d6b0a6c102",
      ],
      "onnx/latent_denoiser.onnx": [
        398102,
        "9a639a8c05c9be111848562c5cf10ea2697a589c6341830aac479d0ce7b75aa9",
      ],
      "onnx/latent_denoiser.onnx_data": [
        132098880,
        "cde4abf1136defce235bc446eaab4954a57721ae8d5a4754cdd337bf191b612f",
      ],
      "onnx/voice_decoder.onnx": [59921, "83c104006dabcd6b568c0d5acb6fec18f65609d2391dd2c459e4440e85027669"],
      "onnx/voice_decoder.onnx_data": [
        101353472,
        "ea52402c9ba5131ee2b3901a86db2f0b435b322169cd75157e053493d967d17f",
      ],
      "voices/F1.bin": [51712, "5ef84e3421e4f80994a5a40a18ba39ba9fc48175c41ae6cf3e56418820872dbf"],
      "voices/F2.bin": [51712, "1949cf0e066c4278980d2b835cf334dab0f8f781704c9116bf48a072278f7c72"],
      "voices/F3.bin": [51712, "38ee1d62ad8a02877ab0d08b501742b76cf3586ed888514df1a7f27cc0f8d171"],
      "voices/F4.bin": [51712, "63890c361868a296c51f9aee114f51e0a9a92c3f46a91582539545f7ab408a72"],
      "voices/F5.bin": [51712, "793223d8d11e0ee49721842ebdc7bd46b4487579588f646953e75ad3fc8ffb9c"],
    },
  },
  "rhasspy/piper-voices": {
    revision: "1162a9173d0ce503555aed757976b7a9912eae4c",
    files: {
      "en/en_US/lessac/medium/en_US-lessac-medium.onnx": [
        63201294,
        "5efe09e69902187827af646e1a6e9d269dee769f9877d17b16b1b46eeaaf019f",
      ],
      "en/en_US/lessac/medium/en_US-lessac-medium.onnx.json": [
        4885,
        "efe19c417bed055f2d69908248c6ba650fa135bc868b0e6abb3da181dab690a0",
      ],
      "en/en_US/amy/medium/en_US-amy-medium.onnx": [
        63201294,
        "b3a6e47b57b8c7fbe6a0ce2518161a50f59a9cdd8a50835c02cb02bdd6206c18",
      ],
      "en/en_US/amy/medium/en_US-amy-medium.onnx.json": [
        4882,
        "95a23eb4d42909d38df73bb9ac7f45f597dbfcde2d1bf9526fdeaf5466977d77",
      ],
      "de/de_DE/thorsten/medium/de_DE-thorsten-medium.onnx": [
        63201294,
        "7e64762d8e5118bb578f2eea6207e1a35a8e0c30595010b666f983fc87bb7819",
      ],
      "de/de_DE/thorsten/medium/de_DE-thorsten-medium.onnx.json": [
        4819,
        "974adee790533adb273a1ac88f49027d2a1b8f0f2cf4905954a4791e79264e85",
      ],
      "fr/fr_FR/siwis/medium/fr_FR-siwis-medium.onnx": [
        63201294,
        "641d1ab097da2b81128c076810edb052b385decc8be3381814802a64a73baf99",
      ],
      "fr/fr_FR/siwis/medium/fr_FR-siwis-medium.onnx.json": [
        4875,
        "39479916c2db192b5ac9764daddd0c744d83e023ad890c6976c0633ae4df8959",
      ],
    },
  },
  "Xenova/mms-tts-eng": {
    revision: "3f8955a2adbd6487ce57420620d4916de22b9dac",
    files: {},
  },
  "pipecat-ai/smart-turn-v3": {
    revision: "f766f81d3cfdf7737ac64aad813d91bbfd56bf93",
    files: {
      "smart-turn-v3.2-cpu.onnx": [
        8679182,
        "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
      ],
      "smart-turn-v3.2-gpu.onnx": [
        32411198,
        "ab8dc64b88713f90b571c15b714bd1330e6c883cad8763dacf65c9376dc539be",
      ],
      "smart-turn-v3.0.onnx": [8757193, "07a133aba31e2d0b523f17f8c2e4e65efe6d8f685efd12ca4fe21ebf4e798991"],
    },
  },
};
