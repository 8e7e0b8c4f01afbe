"""Checks of what a paper says of its networks and their training: shapes, parameters, steps, logs and callbacks."""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, log
from typing import Any

from fmnist_core.architectures import find_stack
from fmnist_core.classes import CLASS_NAMES
from fmnist_core.papers.claim_checks import count_items
from fmnist_core.papers.documents import Document
from fmnist_core.papers.findings import AMBIGUOUS, CONTRADICTION, HOLDS, IMPLAUSIBLE, Finding, write_share
from fmnist_core.papers.results import HISTORY_COLUMNS, Result
from fmnist_core.recipes import Recipe, find_recipe
from fmnist_core.shapes import summarize
from fmnist_core.stacks import Layer, Stack

# What Keras takes where a convolution says nothing.
_DEFAULTS: dict[str, Any] = {"strides": 1, "padding": "valid"}
_LOGGED = tuple(column for column in HISTORY_COLUMNS if "loss" in column or "acc" in column)
_PAIRS = ("strides", "kernel_size")
# The sum of all rates below which plain SGD has hardly begun: a hundred steps at Keras's default of 0.01.
_LEAST_PATH = 1.0


def write_defaults_out(stack: Stack) -> Stack:
    """Return the same function with every default of its convolutions written out, so that stacks can be compared."""
    return tuple(_write_out(layer) for layer in stack)


def _write_out(layer: Layer) -> Layer:
    if layer.class_name != "Conv2D":
        return layer
    given = _DEFAULTS | layer.arguments
    pairs = {name: [given[name]] * 2 if isinstance(given[name], int) else list(given[name]) for name in _PAIRS}
    return replace(layer, arguments=given | pairs)


def check_same(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """Networks that are told apart are different functions."""
    for told in document.find_statements("same-network"):
        recipes = [find_recipe(name) for name in told.value]
        stacks = [write_defaults_out(find_stack(recipe.config.architecture)) for recipe in recipes]
        same = stacks[0] == stacks[1]
        names = " and ".join(recipe.title.partition(":")[0] for recipe in recipes)
        yield Finding(
            key="same-network",
            title=f"{names} are {'the same network' if same else 'different networks'}",
            claim=f"{names} differ ({told.where}).",
            computed=f"With Keras's defaults written out, {len(stacks[0])} and {len(stacks[1])} layers "
            + ("are equal one by one." if same else "are not equal."),
            reasoning="Equal weights give equal outputs: only chance tells them apart."
            if same
            else "They can differ in more than chance.",
            kind=CONTRADICTION if same else HOLDS,
            recipe=told.recipe,
        )


def check_convolutions(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """The number of convolutions told in passing is that of the network."""
    for told in document.find_statements("convolutions"):
        recipe = document.recipes[told.recipe]
        number = len(_find_convolutions(recipe))
        right = number == told.value
        yield Finding(
            key=f"convolutions-{recipe.name}",
            title="As many convolutions as told" if right else f"{told.value} convolutions told, {number} described",
            claim=f"“{recipe.title}” has {told.value} convolutions ({told.where}).",
            computed=f"The network as described has {number}.",
            reasoning="Both agree." if right else "The description is followed.",
            kind=HOLDS if right else CONTRADICTION,
            recipe=recipe.name,
        )


def check_parameters(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """The printed numbers of parameters are those of the network."""
    for told in document.find_statements("parameters"):
        layers = summarize(find_stack(document.recipes[told.recipe].config.architecture))
        counted = (sum(layer.parameters for layer in layers), sum(layer.trainable_parameters for layer in layers))
        right = counted == tuple(told.value)
        yield Finding(
            key="parameters",
            title="The parameters are counted " + ("rightly" if right else "otherwise"),
            claim=f"{told.value[0]:,} parameters, {told.value[1]:,} of them trained ({told.where}).",
            computed=f"{counted[0]:,} and {counted[1]:,}.",
            reasoning="The network can be built as the paper has it." if right else "The network must be another.",
            kind=HOLDS if right else CONTRADICTION,
            recipe=told.recipe,
        )


def check_monitor(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """Callbacks watch something that is logged."""
    told = document.find_statements("monitor")
    for name in dict.fromkeys(statement.value for statement in told):
        places = [statement.where for statement in told if statement.value == name]
        known = name in HISTORY_COLUMNS
        yield Finding(
            key=f"monitor-{name}",
            title=f"“{name}” is {'' if known else 'never '}logged",
            claim=f"Watched: “{name}”; {'; '.join(places)}.",
            computed=f"Logged: {', '.join(_LOGGED)}.",
            reasoning="The callback can do its work."
            if known
            else f"A callback that watches it never acts, but for a warning: {len(places)} of {len(told)} do nothing, "
            "so nothing stops early or lowers the rate.",
            kind=HOLDS if known else CONTRADICTION,
        )


def check_stride(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """The inputs of the first dense layer follow from the strides."""
    for told in document.find_statements("stride"):
        stride, inputs = told.value
        stack = find_stack(document.recipes[told.recipe].config.architecture)
        sizes = {number: count_inputs(stack, number) for number in sorted({1, stride})}
        right = sizes[stride] == inputs
        yield Finding(
            key="stride",
            title=f"A stride of {stride} {'gives' if right else 'does not give'} {inputs:,} inputs",
            claim=f"A stride of {stride}, and {inputs:,} inputs of the first dense layer ({told.where}).",
            computed="; ".join(f"stride {number}: {size:,} inputs" for number, size in sizes.items()) + ".",
            reasoning="Both agree." if right else "The printed number of inputs needs another stride.",
            kind=HOLDS if right else CONTRADICTION,
            recipe=told.recipe,
        )


def count_inputs(stack: Stack, stride: int) -> int:
    """Return how many values reach the first dense layer if the second convolution has a stride."""
    second = [position for position, layer in enumerate(stack) if layer.class_name == "Conv2D"][1]
    changed = replace(stack[second], arguments=stack[second].arguments | {"strides": stride})
    layers = summarize((*stack[:second], changed, *stack[second + 1 :]))
    return next(layer.output_shape[0] for layer in layers if layer.layer.class_name == "Flatten")


def check_channels(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """A convolution takes as many maps as the one before gives."""
    for told in document.find_statements("channels"):
        given, taken = told.value
        yield Finding(
            key=f"channels-{told.recipe}",
            title=f"{given} maps given, {taken} taken",
            claim=f"The first convolution gives {given} maps, the second takes {taken} ({told.where}).",
            computed=f"{taken - given:+} maps between the two.",
            reasoning="A convolution takes all maps before it." + ("" if given == taken else " One is a slip."),
            kind=HOLDS if given == taken else CONTRADICTION,
            recipe=told.recipe,
        )


def check_best_trials(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """Among the best trials none is far below the others."""
    for told in document.find_statements("best-trials"):
        recipe = document.recipes[told.value[1]]
        table = next(table for table in document.tables if recipe in table.recipes)
        claims = sorted(other.claims["validation"] for other in table.recipes if other != recipe)
        validation = recipe.claims["validation"]
        lowest = validation < claims[0]
        yield Finding(
            key="best-trials",
            title="One of the “best” trials is the worst by far" if lowest else "No trial falls behind",
            claim=f"The {told.value[0]} best trials ({told.where}); “{recipe.title}” has {write_share(validation)}.",
            computed=f"The others have {write_share(claims[0])} to {write_share(claims[-1])}: the lowest of them is "
            f"{100 * (claims[0] - validation):.1f} points from it.",
            reasoning="If it is among the best, all that were left out were worse still."
            if lowest
            else "It is among the others.",
            kind=IMPLAUSIBLE if lowest else HOLDS,
            recipe=recipe.name,
        )


def check_kernels(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """A comparison of kernel sizes needs networks that differ in them."""
    for told in document.find_statements("better-kernels"):
        *better, worse = told.value
        sizes = [
            [layer.arguments["kernel_size"] for layer in _find_convolutions(recipe)]
            for recipe in document.recipes.values()
        ]
        without = sum(worse not in found for found in sizes)
        counts = ", ".join(f"{size}×{size} in {sum(size in found for found in sizes)}" for size in told.value)
        yield Finding(
            key="better-kernels",
            title="The tables cannot compare the kernels" if not without else "Some networks do without large kernels",
            claim=f"{' and '.join(f'{size}×{size}' for size in better)} beat {worse}×{worse} ({told.where}).",
            computed=f"Of {len(sizes)} networks: {counts}; {without} without {worse}×{worse}.",
            reasoning=f"Every network has a kernel of {worse}×{worse}, so none shows what happens without it."
            if not without
            else "The networks can be compared.",
            kind=HOLDS if without else CONTRADICTION,
        )


def check_epochs(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """The number of epochs told in the text is that of the tables."""
    for told in document.find_statements("epochs"):
        epochs = sorted({recipe.config.epochs for recipe in document.recipes.values()})
        right = epochs == [told.value]
        yield Finding(
            key="epochs",
            title="Text and tables agree on the epochs" if right else "Text and tables give other numbers of epochs",
            claim=f"{told.value} epochs ({told.where}).",
            computed=f"In the tables: {', '.join(map(str, epochs))}.",
            reasoning="Both agree." if right else "The tables are followed.",
            kind=HOLDS if right else CONTRADICTION,
        )


def check_items(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """How many items there are decides how many train."""
    for told in document.find_statements("items"):
        shares = [0.6 * number for number in told.value]
        yield Finding(
            key="items",
            title="It is not clear how many items were cut",
            claim=f"{told.where[0].upper()}{told.where[1:]}; the cut is 60 : 20 : 20.",
            computed=f"{shares[0]:,.0f} items train, or {shares[1]:,.0f}: {shares[0] - shares[1]:,.0f} fewer.",
            reasoning="All items are taken here." if shares[0] != shares[1] else "Both are the same.",
            kind=AMBIGUOUS if shares[0] != shares[1] else HOLDS,
        )


def check_steps(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """Plain SGD with a small rate and few steps does not get far."""
    for recipe in document.recipes.values():
        config = recipe.config
        if config.optimizer != "sgd" or config.momentum or not recipe.claims:
            continue
        steps = config.epochs * ceil(count_items(recipe)["train"] / config.batch_size)
        path = steps * config.learning_rate
        short = path < _LEAST_PATH
        yield Finding(
            key=f"steps-{recipe.name}",
            title="So few steps of SGD hardly move the weights" if short else "SGD has steps enough",
            claim=f"{recipe.title}: SGD at {config.learning_rate:g}, {config.epochs} epochs of batches of "
            f"{config.batch_size}; {write_share(max(recipe.claims.values()))}.",
            computed=f"{steps:,} steps × {config.learning_rate:g} = {path:.3g}: as much as {path / 0.01:,.0f} steps at "
            "Keras's default of 0.01.",
            reasoning="Without momentum a weight moves by the rate times its slope. "
            + ("That is far too little for the claimed accuracy." if short else "That may be enough."),
            kind=IMPLAUSIBLE if short else HOLDS,
            recipe=recipe.name,
        )


def check_start(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """A training begins by guessing, and what the first epoch logs is a mean over it."""
    for printed in document.logs:
        rise, rises = printed.accuracy[1] - printed.accuracy[0], printed.accuracy[-1] - printed.accuracy[0]
        # Anew, the first epoch is where nearly all is learned: what is left to rise is what the log's end shows.
        trained = printed.accuracy[0] > printed.val_accuracy[0] and rise < rises / 2 and printed.accuracy[0] > 0.9
        yield Finding(
            key="start",
            title="The log begins with a trained network" if trained else "The log begins at the beginning",
            claim=f"First epoch: loss {printed.loss[0]}, accuracy {write_share(printed.accuracy[0])}, on validation "
            f"items {write_share(printed.val_accuracy[0])} ({printed.where}).",
            computed=f"Guessing has a loss of {log(len(CLASS_NAMES)):.3f} and {write_share(1 / len(CLASS_NAMES), 0)}. "
            f"The second epoch adds {100 * rise:.2f} points; training is already "
            f"{100 * (printed.accuracy[0] - printed.val_accuracy[0]):.1f} points above validation.",
            reasoning="The first epoch's accuracy is a mean that begins with guessing, so it is low and mostly below "
            "that on validation items. " + ("Here the network had been trained before." if trained else ""),
            kind=IMPLAUSIBLE if trained else HOLDS,
            recipe=printed.recipe,
        )


def check_overfitting(document: Document, results: tuple[Result, ...]) -> Iterator[Finding]:
    """A loss on validation items that rises while that on training items falls is overfitting."""
    for printed in document.logs:
        best = printed.val_loss.index(min(printed.val_loss))
        gaps = [printed.accuracy[at] - printed.val_accuracy[at] for at in (0, -1)]
        overfits = printed.val_loss[-1] > printed.val_loss[best] and gaps[1] > gaps[0]
        yield Finding(
            key="overfitting",
            title="The log shows overfitting, not better generalisation" if overfits else "Both losses fall together",
            claim=f"The network generalises better, by its preparation of the items (the outcomes; {printed.where}).",
            computed=f"Loss on validation items: {printed.val_loss[best]} after epoch {best + 1}, "
            f"{printed.val_loss[-1]} at the end. Gap of the accuracies: {100 * gaps[0]:.1f}, at the end "
            f"{100 * gaps[1]:.1f} points.",
            reasoning="Training went on after the network had stopped getting better on new items."
            if overfits
            else "What it learns holds for new items, too.",
            kind=CONTRADICTION if overfits else HOLDS,
            recipe=printed.recipe,
        )


def _find_convolutions(recipe: Recipe) -> list[Layer]:
    return [layer for layer in find_stack(recipe.config.architecture) if layer.class_name == "Conv2D"]


CHECKS = (
    *(check_same, check_convolutions, check_parameters, check_monitor, check_stride, check_channels),
    *(check_best_trials, check_kernels, check_epochs, check_items, check_steps, check_start, check_overfitting),
)
