"""Two pictures of every class as single files: reference images to compare evolved ones with.

    python draw_references.py ../pictures/classes
"""

import sys
from pathlib import Path

import torch

from draw_classes import CLASSES, NAMES
from pictures import to_picture

SEED = 2022
EACH = 2
SIDE = 64


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    for name, draw in zip(NAMES, CLASSES):
        for number, image in enumerate(draw(EACH)):
            to_picture(image, SIDE).save(folder / f"{name}-{number}.png", optimize=True)


if __name__ == "__main__":
    main()
