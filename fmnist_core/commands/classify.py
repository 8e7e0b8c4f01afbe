"""The command `classify`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fmnist_core import runs
from fmnist_core.commands.console import Commands, import_keras, print_json
from fmnist_core.errors import FmnistError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def add(commands: Commands) -> None:
    """Add the command."""
    classify = commands.add("classify", _classify, "Say what garments pictures show.")
    classify.add_argument("images", nargs="+", metavar="IMAGE", type=Path, help="PNG, JPEG, WebP, GIF or BMP")
    classify.add_argument("--run", help="the run whose network answers; the lab's own by default")


def _classify(options: argparse.Namespace) -> None:
    from fmnist_core import photos
    from fmnist_core.prediction import Predictor, predict_either_way

    run = runs.find_answering_run(options.run)
    import_keras()
    predictor = Predictor(run.path / "model.keras")
    answers: list[dict[str, Any]] = []
    for path in options.images:
        try:
            chain = photos.prepare_photo(photos.read_picture(path.read_bytes()))
            answer = _describe(predict_either_way(predictor, chain.image)[0])
            # Where no garment was found, nothing that the network says counts.
            answer["abstained"] |= chain.is_blank
            answers.append({"file": str(path), **answer})
        except OSError as error:
            answers.append({"file": str(path), "error": f"The file cannot be read: {error.strerror}."})
        except FmnistError as error:
            answers.append({"file": str(path), "error": str(error)})
    if options.json:
        print_json(answers)
        return
    for answer in answers:
        print(f"{answer['file']}: {answer.get('error') or _say(answer)}")


def _describe(probabilities: "NDArray[np.float32]") -> dict[str, Any]:
    from fmnist_core.prediction import read_answer

    answer = read_answer(probabilities)
    return {
        "class_index": answer.class_index,
        "class_name": answer.class_name,
        "probabilities": [round(float(probability), 6) for probability in probabilities],
        "abstained": answer.abstained,
    }


def _say(answer: dict[str, Any]) -> str:
    confidence = f"{max(answer['probabilities']):.0%}"
    if answer["abstained"]:
        return f"not sure; perhaps {answer['class_name']} ({confidence})"
    return f"{answer['class_name']} ({confidence})"
