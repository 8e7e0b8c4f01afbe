"""The part of a run's script that trains: schedule, augmentation, batches, optimizer, and what puts them together."""

from fmnist_core.config import OPTIMIZERS, TrainingConfig
from fmnist_core.export import script_parts as parts


def has_schedule(config: TrainingConfig) -> bool:
    """Tell whether the learning rate changes by a schedule."""
    return config.schedule != "constant" or config.warmup_epochs > 0


def write_rate(config: TrainingConfig) -> list[str]:
    """Return the class that knows the learning rate of each step, if there is a schedule."""
    if not has_schedule(config):
        return []
    said, factor = parts.FACTORS[config.schedule]
    done, rising = parts.DONE, ""
    if config.warmup_epochs:
        said = f"It rises evenly for {config.warmup_epochs:g} epochs. Then: {said[0].lower()}{said[1:]}"
        done, rising = parts.DONE_AFTER_WARMUP.format(warmup=config.warmup_epochs), parts.RISING
    return [parts.RATE.format(said=said, done=done, factor=factor, rising=rising)]


def write_augmentation(config: TrainingConfig) -> list[str]:
    """Return the functions that change images, if the settings ask for any."""
    steps = ""
    transforms = bool(config.rotate or config.zoom or config.shear)
    if transforms:
        steps += parts.TRANSFORM_STEP.format(rotate=config.rotate, factor=1 + config.zoom, shear=config.shear)
    steps += parts.FLIP_STEP if config.flip else ""
    steps += parts.SHIFT_STEP.format(shift=config.shift) if config.shift else ""
    steps += parts.CONTRAST_STEP.format(contrast=config.contrast) if config.contrast else ""
    steps += parts.ERASE_STEP.format(erase=config.erase) if config.erase else ""
    if not steps:
        return []
    return [*([parts.TRANSFORM] if transforms else []), parts.AUGMENT.format(steps=steps)]


def takes_batches(config: TrainingConfig) -> bool:
    """Tell whether items go in by a class of the script's own: Keras takes arrays as they are, and all of them."""
    return bool(write_augmentation(config) or config.cutmix or config.steps_per_epoch)


def _takes_shares(config: TrainingConfig) -> bool:
    """Tell whether an item's target is a share for each class; else it is its label."""
    return bool(config.cutmix or config.label_smoothing or config.loss == "mse")


def write_batches(config: TrainingConfig) -> str | None:
    """Return the class that hands out batches, if one is needed."""
    if not takes_batches(config):
        return None
    changes, weighs = bool(write_augmentation(config)), config.class_weights == "balanced"
    targets = "self.labels[chosen]"
    steps = config.steps_per_epoch
    return parts.BATCHES.format(
        said=", batch by batch, changed anew each time" if changes else ", batch by batch",
        weights_argument=", weights" if weighs else "",
        weights_kept="        self.weights = weights\n" if weighs else "",
        before="        self.waiting = np.empty(0, int)\n" if steps else "",
        images="augment(self.images[chosen])" if changes else "self.images[chosen]",
        targets=f"keras.utils.to_categorical({targets}, 10)" if _takes_shares(config) else targets,
        mixing="        images, targets = mix(images, targets)\n" if config.cutmix else "",
        weights=_write_sample_weights(config) if weighs else "",
        ordering=parts.ORDER_SOME.format(steps=steps) if steps else parts.ORDER_ALL,
    )


def _write_sample_weights(config: TrainingConfig) -> str:
    return ", targets @ self.weights" if _takes_shares(config) else ", self.weights[targets]"


def write_main(config: TrainingConfig) -> str:
    """Return the function that puts all together."""
    schedule = has_schedule(config)
    steps = "" if not schedule else f"    steps_per_epoch = {_write_steps(config)}\n"
    return (
        'def main():\n    """Train, test, and save the network."""\n'
        "    parser = argparse.ArgumentParser()\n"
        '    parser.add_argument("--data", help="folder of the four files; Keras fetches them by default")\n'
        '    parser.add_argument("--out", default="model.keras", help="where the network is saved")\n'
        "    arguments = parser.parse_args()\n"
        "    images, labels = load_data(arguments.data)\n"
        "    train, validation, test = choose_items(labels)\n"
        "    keras.utils.set_random_seed(SEED)\n"
        f"    model = build_model()\n{steps}"
        "    model.compile(\n"
        f"        optimizer={_write_optimizer(config)},\n        loss={_write_loss(config)},\n"
        '        metrics=["accuracy"],\n'
        "        # On a processor TensorFlow's own convolutions are quicker than compiled ones.\n"
        '        jit_compile=False if keras.backend.backend() == "tensorflow" else "auto",\n'
        f"    )\n{_write_fit(config)}"
        "    answers = model.predict(images[test][..., None], batch_size=500, verbose=0).argmax(axis=1)\n"
        '    print(f"Test accuracy: {(answers == labels[test]).mean():.4f} on {len(test):,} items")\n'
        "    # Without its optimizer, so that it needs nothing of this file.\n"
        "    trained = build_model()\n    trained.set_weights(model.get_weights())\n    trained.save(arguments.out)\n"
    )


def _write_steps(config: TrainingConfig) -> str:
    return str(config.steps_per_epoch) if config.steps_per_epoch else "-(-len(train) // BATCH_SIZE)"


def _write_optimizer(config: TrainingConfig) -> str:
    class_name, usual = OPTIMIZERS[config.optimizer]
    given = {
        **usual,
        **({"momentum": config.momentum} if config.momentum is not None else {}),
        **({"weight_decay": config.weight_decay} if config.weight_decay is not None else {}),
        **({"use_ema": True, "ema_momentum": config.ema} if config.ema else {}),
    }
    rate = "LearningRate(steps_per_epoch)" if has_schedule(config) else "LEARNING_RATE"
    if not given:
        return f"keras.optimizers.{class_name}({rate})"
    arguments = "".join(f"            {argument},\n" for argument in (rate, *(f"{n}={v}" for n, v in given.items())))
    return f"keras.optimizers.{class_name}(\n{arguments}        )"


def _write_loss(config: TrainingConfig) -> str:
    if config.loss == "mse":
        return '"mean_squared_error"'
    if config.label_smoothing:
        return f"keras.losses.CategoricalCrossentropy(label_smoothing={config.label_smoothing})"
    return '"categorical_crossentropy"' if _takes_shares(config) else '"sparse_categorical_crossentropy"'


def _write_fit(config: TrainingConfig) -> str:
    def targets(part: str) -> str:
        return f"keras.utils.to_categorical(labels[{part}], 10)" if _takes_shares(config) else f"labels[{part}]"

    weighs = config.class_weights == "balanced"
    lines = [f"        epochs=EPOCHS,\n{_write_callbacks(config)}        verbose=2,\n"]
    if takes_batches(config):
        weights = ", weigh_classes(labels[train])" if weighs else ""
        lines.insert(0, f"        Batches(images[train], labels[train]{weights}),\n")
    else:
        lines.insert(
            0, f"        images[train][..., None],\n        {targets('train')},\n        batch_size=BATCH_SIZE,\n"
        )
        if weighs:
            lines.append("        class_weight=dict(enumerate(weigh_classes(labels[train]))),\n")
    if config.validates:
        lines.insert(1, f"        validation_data=(images[validation][..., None], {targets('validation')}),\n")
    return f"    model.fit(\n{''.join(lines)}    )\n"


def _write_callbacks(config: TrainingConfig) -> str:
    found = "".join(f"            {callback},\n" for callback in _list_callbacks(config))
    return f"        callbacks=[\n{found}        ],\n" if found else ""


def _list_callbacks(config: TrainingConfig) -> list[str]:
    found = []
    if config.ema and config.validates:
        # The averaged weights are judged, and are those that stopping early goes back to.
        found.append(f"keras.callbacks.SwapEMAWeights({'swap_on_epoch=True' if config.early_stopping else ''})")
    if config.early_stopping:
        wanted = f'monitor="val_accuracy", mode="max", patience={config.early_stopping}, restore_best_weights=True'
        found.append(f"keras.callbacks.EarlyStopping({wanted})")
    if config.reduce_on_plateau:
        wanted = f'monitor="val_accuracy", mode="max", factor=0.5, patience={config.reduce_on_plateau}, min_delta=1e-4'
        found.append(f"keras.callbacks.ReduceLROnPlateau({wanted})")
    return found
