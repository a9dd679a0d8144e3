"""What a model file is: `python -m bot.render.identify FILE`, for who must not load it himself.

Prints one JSON object: `folder` and `family`, or `reason`, the key of the phrase that says why not.
"""

import json
import sys
from pathlib import Path

from bot.render.family import checkpoint_family, embedding_family, vae_family
from bot.render.weights_file import UnusableWeights, read_header


def identify(path: Path) -> tuple[str, str]:
    """Its folder below the models folder, and its family; told by the header alone.

    Raises:
        UnusableWeights: nothing that can be drawn with.
    """
    shapes = read_header(path).shapes
    try:
        return "checkpoints", checkpoint_family(shapes).name
    except UnusableWeights as error:
        if error.reason != "model-unknown-family":
            raise
    for folder, look in (("vae", vae_family), ("embeddings", embedding_family)):
        try:
            return folder, look(shapes)
        except UnusableWeights:
            continue
    from bot.render.lora_fit import fit  # imports torch: seconds

    return "loras", fit(shapes).family


def main(path: Path) -> None:
    """Look at one file."""
    try:
        folder, family = identify(path)
    except UnusableWeights as error:
        print(json.dumps({"reason": error.reason}))
        return
    print(json.dumps({"folder": folder, "family": family}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
