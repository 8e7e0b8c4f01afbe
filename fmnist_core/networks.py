"""Networks of one's own: a name, layers and perhaps how to train them; kept in files, written as JSON and as links.

    networks/<slug>.json    one network; the slug is its name in plain letters

What is read was perhaps written by others: it is checked layer by layer, argument by argument. Whether the layers
fit together is asked when a network is saved, so that one in the making can be handed on too.
"""

import base64
import binascii
import json
import re
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist_core import storage
from fmnist_core.config import TrainingConfig
from fmnist_core.errors import InvalidSettingError, NetworkExistsError, NetworkNotFoundError
from fmnist_core.kinds import check_arguments
from fmnist_core.stacks import Stack, read_stack

LONGEST_NAME = 60
# Of the JSON text, in bytes: two hundred layers with all their arguments take a quarter of it.
MOST_BYTES = 100_000

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_DEFAULTS = TrainingConfig().to_dict()
# What a network says itself.
_NOT_SETTINGS = {"architecture", "layers"}


@dataclass(frozen=True)
class Network:
    """A network of one's own.

    Attributes:
        name: as its maker wrote it, 1 to `LONGEST_NAME` printable characters with a letter from a to z or a digit.
        layers: those between scaling and softmax; each keeps to the rules of its kind.
        settings: how it is trained, those that differ from the defaults; None if that is left open.

    Raises:
        InvalidSettingError: for a bad name, layer or setting.
    """

    name: str
    layers: Stack
    settings: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        make_slug(self.name)
        for number, layer in enumerate(self.layers, start=1):
            try:
                check_arguments(layer.class_name, layer.arguments)
            except ValueError as error:
                raise InvalidSettingError(f"Layer {number}, {layer.class_name!r:.80}: {error}") from None
        if self.settings is not None:
            for name in self.settings:
                if name in _NOT_SETTINGS:
                    raise InvalidSettingError(f"`settings` must not hold the network itself. Received: {name}.")
            TrainingConfig.from_dict(self.settings)

    @property
    def slug(self) -> str:
        """Its name in plain letters, by which it is kept."""
        return make_slug(self.name)

    @property
    def config(self) -> TrainingConfig:
        """How it is trained.

        Raises:
            InvalidSettingError: if its layers do not fit together.
        """
        return TrainingConfig.from_dict({**(self.settings or {}), "layers": self.layers})

    def to_dict(self) -> dict[str, Any]:
        """Return the network ready for JSON."""
        layers = [{"class_name": layer.class_name, "arguments": dict(layer.arguments)} for layer in self.layers]
        network: dict[str, Any] = {"name": self.name, "layers": layers}
        return network if self.settings is None else {**network, "settings": dict(self.settings)}


@dataclass(frozen=True)
class Listing:
    """All networks that can be read, by slug in the order of their names, and why others cannot."""

    networks: Mapping[str, Network]
    unreadable: Mapping[str, str]


def make_slug(name: object, bearer: str = "network") -> str:
    """Return a name in plain letters, digits and hyphens.

    Args:
        name: as its maker wrote it.
        bearer: what bears it, for the complaint.

    Raises:
        InvalidSettingError: if it is no name.
    """
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidSettingError(
            f"A {bearer}'s name must be 1 to {LONGEST_NAME} printable characters. Received: {name!a:.80}."
        )
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_NAME].strip("-")
    if not slug:
        raise InvalidSettingError(f"A {bearer}'s name must have a letter from a to z or a digit. Received: {name}.")
    return slug


def make_network(name: str, config: TrainingConfig, with_settings: bool = True) -> Network:
    """Return the network of a training as one of one's own.

    Args:
        name: of the network; what is too long is cut off.
        config: how it is trained.
        with_settings: whether the network keeps that.

    Raises:
        InvalidSettingError: for a bad name, or if no network is trained.
    """
    # Enlarging the images is a setting, no layer.
    layers = config.with_settings(enlarge=1).stack
    return Network(name[:LONGEST_NAME], layers, pick_settings(config) if with_settings else None)


def pick_settings(config: TrainingConfig) -> dict[str, Any]:
    """Return the settings of a training that differ from the defaults, without the network."""
    return {
        name: value
        for name, value in config.to_dict().items()
        if name not in _NOT_SETTINGS and value != _DEFAULTS[name]
    }


def networks_folder() -> Path:
    """Return the folder of one's own networks, which need not exist."""
    return storage.home() / "networks"


def list_networks() -> Listing:
    """Read all networks that have been saved."""
    found: list[tuple[str, Network]] = []
    unreadable: dict[str, str] = {}
    folder = networks_folder()
    for path in folder.glob("[!.]*.json") if folder.is_dir() else ():
        try:
            found.append((path.stem, load_network(path.stem)))
        except (NetworkNotFoundError, InvalidSettingError) as error:
            unreadable[path.stem] = str(error)
    return Listing(dict(sorted(found, key=lambda entry: entry[1].name.lower())), unreadable)


def load_network(slug: str) -> Network:
    """Read a saved network.

    Raises:
        NetworkNotFoundError: if there is none of that name.
        InvalidSettingError: if its file is damaged, or not the lab's, or its layers do not fit together.
    """
    path = _path_of(slug)
    try:
        with path.open("rb") as stream:
            text = stream.read(MOST_BYTES + 1).decode("utf-8", "replace")
    except OSError:
        raise NetworkNotFoundError(f"There is no saved network of that name. Received: {slug!a:.80}.") from None
    network = from_json(text)
    if network.slug != slug:
        raise InvalidSettingError(f"A network's file must bear its name, {network.slug}.json. Received: {slug}.json.")
    _ = network.config
    return network


def save_network(network: Network, replace: bool = False) -> str:
    """Keep a network under its name and return its slug.

    Raises:
        InvalidSettingError: if its layers do not fit together, or it is too large.
        NetworkExistsError: if another one of that name is there already and `replace` is false.
        StorageError: if the lab's folder cannot be written.
    """
    _ = network.config
    content = to_json(network)
    if len(content.encode()) > MOST_BYTES:
        raise InvalidSettingError(f"A network must take at most {MOST_BYTES:,} bytes. Received: {len(content):,}.")
    path = _path_of(network.slug)
    if not replace and path.exists() and not is_saved(network):
        raise NetworkExistsError(f"There must be no other network of that name, or it is replaced: {network.name}.")
    with storage.explained(), storage.written_whole(path) as temporary:
        temporary.write_text(content, encoding="utf-8")
    return network.slug


def is_saved(network: Network) -> bool:
    """Tell whether the very same network, name, layers and settings, is kept."""
    try:
        return to_json(load_network(network.slug)) == to_json(network)
    except (NetworkNotFoundError, InvalidSettingError):
        return False


def delete_network(slug: str) -> None:
    """Throw a saved network away.

    Raises:
        NetworkNotFoundError: if there is none of that name.
        StorageError: if the lab's folder cannot be written.
    """
    try:
        with storage.explained():
            _path_of(slug).unlink()
    except FileNotFoundError:
        raise NetworkNotFoundError(f"There is no saved network of that name. Received: {slug!a:.80}.") from None


def _path_of(slug: str) -> Path:
    if not _SLUG.fullmatch(slug):
        raise NetworkNotFoundError(f"There is no saved network of that name. Received: {slug!a:.80}.")
    return networks_folder() / f"{slug}.json"


def to_json(network: Network) -> str:
    """Write a network as JSON, to keep or to send."""
    return json.dumps(network.to_dict(), indent=2) + "\n"


def from_json(text: str) -> Network:
    """Read what `to_json` wrote, or somebody else.

    Raises:
        InvalidSettingError: if it is no network, too large, or breaks a rule.
    """
    if len(text) > MOST_BYTES:
        raise InvalidSettingError(f"A network must take at most {MOST_BYTES:,} characters. Received: more.")
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False).encode()  # half characters can be neither shown nor kept
    except (ValueError, RecursionError):
        raise InvalidSettingError(f"A network must be written as JSON. Received: {text!a:.60}.") from None
    match content:
        case {"name": name, "layers": layers, **rest} if rest.keys() <= {"settings"}:
            settings = rest.get("settings")
            if settings is None or isinstance(settings, dict):
                return Network(name, read_stack(layers), settings)
    raise InvalidSettingError("A network must have a `name`, `layers` and perhaps `settings`, no more.")


def to_link(network: Network) -> str:
    """Write a network as a short text that a link can hold: letters, digits, "-" and "_"."""
    packed = zlib.compress(json.dumps(network.to_dict(), separators=(",", ":")).encode(), level=9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def from_link(text: str) -> Network:
    """Read what `to_link` wrote.

    Raises:
        InvalidSettingError: if it is damaged, too large, or breaks a rule.
    """
    damaged = InvalidSettingError(f"A link must hold a whole network. Received: {text!a:.40}.")
    if len(text) > MOST_BYTES:
        raise damaged
    reader = zlib.decompressobj()
    try:
        packed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        # A few bytes may unpack to gigabytes.
        content = reader.decompress(packed, MOST_BYTES + 1).decode()
    except (binascii.Error, zlib.error, ValueError):
        raise damaged from None
    if not reader.eof:
        raise damaged
    return from_json(content)
