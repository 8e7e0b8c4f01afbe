"""A run as one file of plain Keras that trains the same network from the beginning, without this lab."""

from fmnist_core import architectures, baselines
from fmnist_core.config import TrainingConfig
from fmnist_core.export import script_parts as parts
from fmnist_core.export.script_frame import write_head, write_split
from fmnist_core.export.script_training import (
    has_schedule,
    takes_batches,
    write_augmentation,
    write_batches,
    write_main,
    write_rate,
)
from fmnist_core.runs import Run

# What a file begins with: what it is, imports, constants.
_HEAD = 3


def write_script(run: Run) -> str:
    """Return the script of a run: data, split, network, optimizer, schedule, augmentation, training and test.

    Of a classical classifier it is scikit-learn's.
    """
    return _write_classical(run) if run.config.is_baseline else _write_keras(run)


def _write_keras(run: Run) -> str:
    config = run.config
    functions, network = _write_network(config)
    batches = write_batches(config)
    blocks = [
        write_head(run, "keras tensorflow", "Keras on any of its backends"),
        _write_imports(config),
        _write_constants(config),
        parts.LOADING,
        write_split(config),
        *functions,
        network,
        *write_rate(config),
        *write_augmentation(config),
        *([parts.MIX.format(cutmix=config.cutmix)] if config.cutmix else []),
        *([parts.WEIGH] if config.class_weights == "balanced" else []),
        *([batches] if batches else []),
        write_main(config),
        'if __name__ == "__main__":\n    main()\n',
    ]
    return _join(blocks)


def _join(blocks: list[str]) -> str:
    """Put what stands at the top of a file one line apart, and its functions two."""
    head, functions = blocks[:_HEAD], blocks[_HEAD:]
    return "\n".join(head) + "".join(f"\n\n{block.strip(chr(10))}\n" for block in functions)


def _write_imports(config: TrainingConfig) -> str:
    uses = {"math": takes_batches(config) or has_schedule(config)}
    standard = ["argparse", "gzip", *(name for name, used in uses.items() if used)]
    lines = "".join(f"import {name}\n" for name in standard)
    ops = ", ops" if has_schedule(config) else ""
    return f"{lines}from pathlib import Path\n\nimport keras\nimport numpy as np\nfrom keras import layers{ops}\n"


def _write_constants(config: TrainingConfig) -> str:
    random = "RANDOM = np.random.default_rng(SEED)\n" if takes_batches(config) else ""
    return (
        f"SEED = {config.seed}\nEPOCHS = {config.epochs}\nBATCH_SIZE = {config.batch_size}\n"
        f"LEARNING_RATE = {config.learning_rate}\n{random}"
    )


def _write_network(config: TrainingConfig) -> tuple[list[str], str]:
    """Return the functions that the network is built of, and the one that builds it."""
    code = architectures.write_code(config.stack).removeprefix("import keras\nfrom keras import layers\n")
    start = max(code.find("\nmodel = keras.Sequential("), code.find("\ninputs = keras.Input("))
    functions = [part for part in code[:start].split("\n\n\n") if part.strip()]
    # The types belong to the project that they come from.
    plain = [part.replace(": keras.KerasTensor", "").replace(" -> keras.KerasTensor", "") for part in functions]
    body = "".join(f"    {line}\n" if line else "\n" for line in code[start:].strip("\n").split("\n"))
    body = body.replace("'", '"')
    said = "Return the network: raw pixels (n, 28, 28, 1), 0 to 255, in; probabilities (n, 10) out."
    return plain, f'def build_model():\n    """{said}"""\n{body}    return model\n'


def _write_classical(run: Run) -> str:
    config = run.config
    code, _, _ = baselines.write_code(config.architecture).partition("\n\n# pixels: ")
    imports = "import argparse\nimport gzip\nfrom pathlib import Path\n\nimport numpy as np\n"
    loading = parts.LOADING.replace("        parts = keras.", "        import keras\n\n        parts = keras.")
    body = "".join(f"    {line}\n" if line else "\n" for line in _cut_description(code)[1].strip("\n").split("\n"))
    described = _cut_description(code)[0]
    blocks = [
        write_head(run, "scikit-learn", "scikit-learn, Keras unless --data says where the data are"),
        imports,
        f"SEED = {config.seed}\n",
        loading,
        write_split(config),
        *([described] if described else []),
        f'def build_classifier():\n    """Return the classifier, not fitted yet."""\n'
        f"{body.replace('random_state=0', 'random_state=SEED')}    return classifier\n",
        _CLASSICAL_MAIN,
        'if __name__ == "__main__":\n    main()\n',
    ]
    return _join(blocks)


def _cut_description(code: str) -> tuple[str, str]:
    """Return what describes the images, if anything does, without its head; and what builds the classifier."""
    start = code.find("def compute_hog(")
    if start < 0:
        return "", code
    end = code.find("\nfrom sklearn")
    constants = code[code.find("ORIENTATIONS") : start]
    described = constants.strip("\n") + "\n\n\n" + code[start:end].strip("\n")
    return described.replace(": NDArray[np.float32]", "").replace(" -> NDArray[np.float32]", ""), code[end:]


_CLASSICAL_MAIN = '''def main():
    """Fit and test."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", help="folder of the four files; Keras fetches them by default")
    arguments = parser.parse_args()
    images, labels = load_data(arguments.data)
    train, validation, test = choose_items(labels)
    pixels = images.reshape(-1, 784).astype("float32") / 255
    classifier = build_classifier().fit(pixels[train], labels[train])
    answers = classifier.predict_proba(pixels[test]).argmax(axis=1)
    print(f"Test accuracy: {(classifier.classes_[answers] == labels[test]).mean():.4f} on {len(test):,} items")
'''
