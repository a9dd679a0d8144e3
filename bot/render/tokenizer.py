"""CLIP's tokenizer, built from its list of merges.

transformers quietly builds a vocabulary of two or three tokens when files are missing, and every
picture is garbage; so the size is checked wherever a tokenizer is made.
"""

from functools import cache
from pathlib import Path

from transformers.models.clip import CLIPTokenizer

from bot.render.model import Module

_MERGES = Path(__file__).parent / "configs" / "clip_merges.txt"
CLIP_TOKENS = 49408


class IncompleteTokenizer(ValueError):
    """The vocabulary has not the size that the text encoder was trained with."""


@cache
def clip_tokenizer() -> Module:
    """The tokenizer of all published Stable Diffusion 1.x, 2.x and XL checkpoints."""
    merges = [tuple(line.split(" ")) for line in _MERGES.read_text("utf-8").splitlines()]
    letters = _byte_letters()
    words = [*letters, *(letter + "</w>" for letter in letters)]
    words += ["".join(pair) for pair in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    tokenizer = CLIPTokenizer(vocab={word: i for i, word in enumerate(words)}, merges=merges)
    return checked(tokenizer, CLIP_TOKENS)


def folder_tokenizer(folder: Path, size: int) -> Module:
    """The tokenizer in `folder`; CLIP's own where the folder has none.

    Raises:
        IncompleteTokenizer: it does not have `size` tokens.
    """
    if not (folder / "tokenizer.json").exists() and not (folder / "vocab.json").exists():
        return checked(clip_tokenizer(), size)
    return checked(CLIPTokenizer.from_pretrained(folder, local_files_only=True), size)


def checked(tokenizer: Module, size: int) -> Module:
    """`tokenizer`, if it has `size` tokens.

    Raises:
        IncompleteTokenizer: it has not.
    """
    if len(tokenizer) != size:
        raise IncompleteTokenizer(f"{len(tokenizer)} tokens instead of {size}")
    return tokenizer


def _byte_letters() -> list[str]:
    """A printable character for each byte, in CLIP's order (as GPT-2 introduced it)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(len(others))]
