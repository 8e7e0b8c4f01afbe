"""What stands at the head of a run's script: what it is, what it does otherwise than the run, which items it takes."""

import re
from dataclasses import fields

from fmnist_core import __version__
from fmnist_core.config import TrainingConfig
from fmnist_core.export import script_parts as parts
from fmnist_core.runs import STOPPED, Run
from fmnist_core.splits import TRAIN_ITEMS

# What the script has words for; of any other setting it says that it is left out.
# fmt: off
EXPRESSED = frozenset({
    "architecture", "layers", "enlarge", "epochs", "batch_size", "learning_rate", "optimizer", "split",
    "validation_split", "subset", "seed", "early_stopping", "reduce_on_plateau", "steps_per_epoch", "loss",
    "label_smoothing", "schedule", "warmup_epochs", "weight_decay", "momentum", "ema", "class_weights", "flip",
    "shift", "rotate", "zoom", "shear", "contrast", "erase", "cutmix", "mixed_precision", "folds", "fold",
})
# fmt: on


def list_differences(run: Run) -> list[str]:
    """Return in sentences what the script does otherwise than the run."""
    config, said = run.config, []
    for entry in fields(config):
        value = getattr(config, entry.name)
        if entry.name not in EXPRESSED and value != entry.default:
            said.append(f"The run had {entry.name} = {value}, which the script leaves out: it will train otherwise.")
    if run.record.get("precision") == "bfloat16":
        said.append("The run computed in bfloat16, the script computes in float32.")
    trained = (run.record.get("result") or {}).get("epochs")
    if run.status == STOPPED and isinstance(trained, int):
        said.append(f"The run was stopped after {trained} of {config.epochs} epochs, the script trains all of them.")
    return said


def write_head(run: Run, packages: str, needs: str) -> str:
    """Return the text at the head: what it trains, what it came to, what it needs."""
    accuracy, items = run.test_accuracy, (run.record.get("items") or {}).get("test")
    reached = ""
    if accuracy is not None:
        trained = (run.record.get("result") or {}).get("epochs")
        after = f" after {trained} epochs" if isinstance(trained, int) and not run.config.is_baseline else ""
        of = f" of its {items:,} test items" if isinstance(items, int) else ""
        came_to = f"{100 * accuracy:.2f}%{of} rightly{after}"
        reached = f"\nThe run answered {came_to}. Expect that, give or take some tenths of a point."
    differences = "".join(f"\n{sentence}" for sentence in list_differences(run))
    return (
        f'"""Trains {_tame(run.recipe)} on Fashion-MNIST.\n\n'
        f"Written by Fashion-MNIST Lab {__version__} from the run {_tame(run.run_id)}."
        f"{reached}{differences}\n\nIt needs {needs}, and NumPy: pip install {packages}\n\n"
        "    python FILE                  the data come through Keras\n"
        "    python FILE --data FOLDER    they are there: train-images-idx3-ubyte.gz and the three others\n"
        '"""\n'
    )


def _tame(name: str) -> str:
    """Return a name that somebody typed without what could end the text it stands in."""
    return re.sub(r"[^\w /.,:()+-]", "", name)


def write_split(config: TrainingConfig) -> str:
    """Return the function that chooses the items."""
    if config.folds is not None:
        cut = parts.FOLDS.format(folds=config.folds, fold=config.fold)
    elif config.split in ("threads", "mcnn"):
        cut = {"threads": parts.THREADS, "mcnn": parts.MCNN}[config.split]
    else:
        held_out = 10_000 if config.split == "silwimba" else round(TRAIN_ITEMS * config.validation_split)
        cut = parts.OFFICIAL.format(train=f"{TRAIN_ITEMS - held_out:_}")
    subset = parts.SUBSET.format(subset=config.subset) if config.subset is not None else ""
    return (
        'def choose_items(labels):\n    """Return which items train, validate and test."""\n'
        f"{cut}{subset}    return train, validation, test\n"
    )
