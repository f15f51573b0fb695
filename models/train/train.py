"""From nothing to the ONNX pair: draw images, train, export, check.

    python train.py --device cpu

Each stage leaves a file in the work folder and is skipped when its file is there, so an
interrupted run goes on at the stage where it stopped. Delete a file to redo its stage
and delete the files after it as well.
"""

import argparse
import time
from pathlib import Path

import torch

from check import check
from common import Workshop, draw_stage
from export import export
from stage_base import base_stage
from stage_joint import joint_stage
from stage_redraw import redraw_stage
from stage_start import start_stage

STAGES = (
    ("data.pt", draw_stage),
    ("start.pt", start_stage),
    ("base.pt", base_stage),
    ("joint.pt", joint_stage),
    ("pair.pt", redraw_stage),
)


MODELS = Path(__file__).resolve().parent.parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--work", type=Path, default=Path("work"), help="folder for stage files")
    parser.add_argument("--out", type=Path, default=MODELS, help="default: models/")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--until", choices=[name for name, _ in STAGES], default=STAGES[-1][0],
                        help="stop after the stage that writes this file")  # fmt: skip
    parser.add_argument("--minutes", nargs=3, type=float, metavar=("BASE", "JOINT", "REDRAW"), default=(None,) * 3,
                        help="longest the training stages may take; else by steps alone")  # fmt: skip
    return parser.parse_args()


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    shop = Workshop(options.work, options.device, dict(zip(("base.pt", "joint.pt", "pair.pt"), options.minutes)))
    for name, stage in STAGES:
        if shop.file(name).exists():
            print(f"{name}: there already", flush=True)
        else:
            print(f"{name}: {stage.__doc__.splitlines()[0]}", flush=True)
            start = time.time()
            stage(shop)
            print(f"{name}: done in {time.time() - start:.0f} s", flush=True)
        if name == "data.pt":
            shop.load_data()
        if name == options.until:
            break
    if shop.file(STAGES[-1][0]).exists():
        export(options.out, options.work)
        check(options.out, options.work)


if __name__ == "__main__":
    main()
