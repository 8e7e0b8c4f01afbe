"""The parts of the plain Keras script that are text: each stands in it only if the run's settings ask for it."""

LOADING = '''def load_data(folder=None):
    """Return all 70,000 images, (n, 28, 28) uint8, and labels, (n,): 60,000 to train on, then 10,000 to test with."""
    if folder is None:
        parts = keras.datasets.fashion_mnist.load_data()
    else:
        parts = [
            (
                read_idx(Path(folder, f"{name}-images-idx3-ubyte.gz"), header=16).reshape(-1, 28, 28),
                read_idx(Path(folder, f"{name}-labels-idx1-ubyte.gz"), header=8),
            )
            for name in ("train", "t10k")
        ]
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts))
    return images, labels


def read_idx(path, header):
    """Return the bytes of a gzip-compressed IDX file that follow its header."""
    with gzip.open(path) as stream:
        return np.frombuffer(stream.read(), np.uint8, offset=header)
'''

OFFICIAL = """    train, validation = np.arange({train}), np.arange({train}, 60_000)
    test = np.arange(60_000, 70_000)
"""

FOLDS = """    # The training items are shuffled, sorted by class and dealt out to {folds} folds; fold {fold} validates.
    shuffled = np.random.default_rng(42).permutation(60_000)
    fold = np.empty(60_000, int)
    fold[shuffled[np.argsort(labels[shuffled], kind="stable")]] = np.arange(60_000) % {folds}
    train, validation = np.flatnonzero(fold != {fold}), np.flatnonzero(fold == {fold})
    test = np.arange(60_000, 70_000)
"""

THREADS = """    # All 70,000 items, cut 60 : 20 : 20 class by class.
    random = np.random.default_rng(42)
    parts = [[], [], []]
    for label in range(10):
        members = random.permutation(np.flatnonzero(labels == label))
        cuts = [len(members) * 6 // 10, len(members) * 8 // 10]
        for part, chosen in zip(parts, np.split(members, cuts)):
            part.append(chosen)
    train, validation, test = (np.sort(np.concatenate(part)) for part in parts)
"""

MCNN = """    # A fifth of the official training items is held out; one half of that validates, the other half tests.
    order = np.random.RandomState(42).permutation(60_000)
    rest, train = order[:12_000], order[12_000:]
    order = np.random.RandomState(42).permutation(12_000)
    test, validation = rest[order[:6_000]], rest[order[6_000:]]
"""

SUBSET = """    # {subset:_} of the training items: first each class's first one, then each class's second, and so on.
    shuffled = np.random.default_rng(SEED).permutation(train)
    place = np.empty(len(shuffled), int)
    for label in range(10):
        members = labels[shuffled] == label
        place[members] = np.arange(members.sum())
    train = np.sort(shuffled[np.argsort(place, kind="stable")[:{subset:_}]])
"""

RATE = '''class LearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of each step.

    {said}.
    """

    def __init__(self, steps_per_epoch):
        super().__init__()
        self.steps_per_epoch = steps_per_epoch

    def __call__(self, step):
        step = ops.cast(step, "float32")
{done}{factor}{rising}        return LEARNING_RATE * factor

    def get_config(self):
        return {{"steps_per_epoch": self.steps_per_epoch}}
'''

# By schedule: in words, and as code.
FACTORS = {
    "constant": ("It is as it was set", "        factor = ops.ones_like(done)\n"),
    "step": (
        "It is a tenth of what was set in the second third of the training, a hundredth in the last",
        "        factor = 0.1 ** ops.clip(ops.floor(3 * done), 0, 2)\n",
    ),
    "cosine": (
        "It follows half a cosine from what was set down to 0",
        "        factor = (1 + ops.cos(math.pi * done)) / 2\n",
    ),
    "one-cycle": (
        "It follows half a cosine from a 25th up to what was set, at three tenths of the training, and one down to 0",
        "        rising = 1 / 25 + (1 - 1 / 25) * (1 - ops.cos(math.pi * done / 0.3)) / 2\n"
        "        falling = (1 + ops.cos(math.pi * (done - 0.3) / 0.7)) / 2\n"
        "        factor = ops.where(done < 0.3, rising, falling)\n",
    ),
}
DONE = "        done = ops.clip(step / (EPOCHS * self.steps_per_epoch), 0, 1)\n"
DONE_AFTER_WARMUP = """        warmup = {warmup} * self.steps_per_epoch
        rest = max(EPOCHS * self.steps_per_epoch - warmup, 1)
        done = ops.clip(step - warmup, 0, rest) / rest
"""
RISING = "        factor = factor * ops.minimum(step + 1, warmup) / warmup\n"

AUGMENT = '''def augment(images):
    """Return images (n, 28, 28) uint8 changed at random, each one differently."""
    n = len(images)
    images = images.astype("float32")
{steps}    return np.clip(np.round(images), 0, 255).astype("uint8")
'''

TRANSFORM_STEP = """    # Turn by up to {rotate} degrees, scale by up to {factor} times, shear by up to {shear}.
    images = transform(
        images,
        angle=RANDOM.uniform(-math.radians({rotate}), math.radians({rotate}), n),
        scale=np.exp(RANDOM.uniform(-math.log({factor}), math.log({factor}), n)),
        shear=RANDOM.uniform(-{shear}, {shear}, n),
    )
"""

FLIP_STEP = """    # Mirror half of them.
    flipped = RANDOM.random(n) < 0.5
    images[flipped] = images[flipped, :, ::-1]
"""

SHIFT_STEP = """    # Move by up to {shift} pixels in both directions; what comes in is background.
    padded = np.pad(images, ((0, 0), ({shift}, {shift}), ({shift}, {shift})))
    down, right = RANDOM.integers(0, 2 * {shift} + 1, (2, n, 1, 1))
    rows, columns = down + np.arange(28)[:, None], right + np.arange(28)
    images = padded[np.arange(n)[:, None, None], rows, columns]
"""

CONTRAST_STEP = """    # Make them brighter or darker.
    images = images * RANDOM.uniform(1 - {contrast}, 1 + {contrast}, (n, 1, 1))
"""

ERASE_STEP = """    # Paint a rectangle over a share {erase} of them (random erasing, arXiv 1708.04896).
    area = RANDOM.uniform(0.02, 0.33, n)
    aspect = np.exp(RANDOM.uniform(math.log(0.3), math.log(3.3), n))
    height, width = np.minimum(28 * np.sqrt([area * aspect, area / aspect]), 28)
    down, right = (side / 2 + RANDOM.random(n) * (28 - side) for side in (height, width))
    rows = np.abs(np.arange(28) + 0.5 - down[:, None]) < height[:, None] / 2
    columns = np.abs(np.arange(28) + 0.5 - right[:, None]) < width[:, None] / 2
    chosen = RANDOM.random(n) < {erase}
    inside = rows[:, :, None] & columns[:, None, :] & chosen[:, None, None]
    images = np.where(inside, RANDOM.uniform(0, 255, (n, 1, 1)), images)
"""

TRANSFORM = '''def transform(images, angle, scale, shear):
    """Return images turned (radians), scaled and sheared about their centre, sampled bilinearly."""
    angle, scale, shear = (values[:, None, None] for values in (angle, scale, shear))
    down, right = np.arange(28)[:, None] - 13.5, np.arange(28) - 13.5
    # For every pixel of the result, where it comes from; one row and column of background all around.
    right = right - shear * down
    from_right = np.clip((np.cos(angle) * right - np.sin(angle) * down) / scale + 14.5, 0, 29)
    from_down = np.clip((np.sin(angle) * right + np.cos(angle) * down) / scale + 14.5, 0, 29)
    top, left = (np.minimum(np.floor(place), 28).astype(int) for place in (from_down, from_right))
    below, beside = from_down - top, from_right - left
    padded, which = np.pad(images, ((0, 0), (1, 1), (1, 1))), np.arange(len(images))[:, None, None]
    upper = padded[which, top, left] * (1 - beside) + padded[which, top, left + 1] * beside
    lower = padded[which, top + 1, left] * (1 - beside) + padded[which, top + 1, left + 1] * beside
    return upper * (1 - below) + lower * below
'''

MIX = '''def mix(images, targets):
    """CutMix (arXiv 1905.04899): in a share {cutmix} of the batches each image gets a rectangle of another one."""
    if RANDOM.random() >= {cutmix}:
        return images, targets
    side = 28 * np.sqrt(RANDOM.random())
    down, right = 28 * RANDOM.random(2)
    centres = np.arange(28) + 0.5
    inside = (np.abs(centres - down) < side / 2)[:, None] & (np.abs(centres - right) < side / 2)
    images = np.where(inside, np.roll(images, 1, axis=0), images)
    return images, (1 - inside.mean()) * targets + inside.mean() * np.roll(targets, 1, axis=0)
'''

BATCHES = '''class Batches(keras.utils.PyDataset):
    """The training items in random order{said}."""

    def __init__(self, images, labels{weights_argument}):
        super().__init__()
        self.images, self.labels = images, labels
{weights_kept}{before}        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.order) / BATCH_SIZE)

    def __getitem__(self, number):
        chosen = self.order[number * BATCH_SIZE : (number + 1) * BATCH_SIZE]
        images, targets = {images}, {targets}
{mixing}        return images[..., None], targets{weights}

    def on_epoch_end(self):
{ordering}'''

ORDER_ALL = "        self.order = RANDOM.permutation(len(self.labels))\n"
ORDER_SOME = """        # {steps} batches make an epoch; the next one goes on where it ended.
        while len(self.waiting) < {steps} * BATCH_SIZE:
            self.waiting = np.concatenate([self.waiting, RANDOM.permutation(len(self.labels))])
        self.order, self.waiting = np.split(self.waiting, [{steps} * BATCH_SIZE])
"""

WEIGH = '''def weigh_classes(labels):
    """Return weights by which all classes together count alike, and all items as much as before, (10,)."""
    counts = np.bincount(labels, minlength=10)
    return len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1)) * (counts > 0)
'''
