"""Train a small bilingual tokenizer in CLIP's layout (only needed without start weights).

    python -m demo_model.tokenizer --data DATA

Byte-level BPE over the captions and all names; the vocabulary begins with the 256 bytes and the
256 word-ending bytes, as CLIP's does, and ends with the two special tokens.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

from demo_model.vocabulary import COLOURS, OBJECTS, SCENES

END = "</w>"
WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def learn_merges(texts: list[str], size: int) -> list[tuple[str, str]]:
    """The merges of a byte-level BPE trained on the texts, best first."""
    learner = Tokenizer(models.BPE(end_of_word_suffix=END))
    learner.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    split = pre_tokenizers.Split(Regex(WORDS), behavior="removed", invert=True)
    bytewise = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learner.pre_tokenizer = pre_tokenizers.Sequence([split, bytewise])
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        end_of_word_suffix=END,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learner.train_from_iterator(texts, trainer)
    merges = json.loads(learner.to_str())["model"]["merges"]
    return [tuple(pair.split(" ")) if isinstance(pair, str) else tuple(pair) for pair in merges]


def byte_letters() -> list[str]:
    """The printable letters that stand for the 256 bytes, in CLIP's order."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(code) for code in plain]
    return letters + [chr(256 + k) for k in range(256 - len(plain))]


def clip_vocabulary(
    merges: list[tuple[str, str]], limit: int
) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Number the tokens as CLIP does; keep the merges whose parts exist."""
    letters = byte_letters()
    tokens = letters + [letter + END for letter in letters]
    known, kept = set(tokens), []
    for left, right in merges:
        if len(tokens) >= limit - 2:
            break
        if left in known and right in known:
            kept.append((left, right))
            if left + right not in known:
                known.add(left + right)
                tokens.append(left + right)
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    return {token: k for k, token in enumerate(tokens)}, kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--size", type=int, default=2000)
    args = parser.parse_args()
    records = json.loads((args.data / "bank" / "subjects.json").read_text(encoding="utf-8"))
    texts = [record["caption"] for record in records]
    texts += [name for thing in OBJECTS for name in (*thing.en, *thing.zh)] * 5
    texts += [text for scene in SCENES for text in (*scene.en, *scene.zh)] * 5
    texts += [text for colour in COLOURS for text in (colour.name, colour.zh)] * 5
    vocabulary, merges = clip_vocabulary(learn_merges(texts, args.size), args.size)
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77)
    tokenizer.save_pretrained(args.data / "tokenizer")
    print(len(tokenizer), tokenizer.tokenize("a red apple on the beach"))


if __name__ == "__main__":
    main()
