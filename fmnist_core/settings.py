"""What all settings have in common: frozen dataclasses, checked on construction, from and to JSON."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from fmnist_core.errors import InvalidSettingError


@dataclass(frozen=True)
class Settings:
    """Base of settings; a subclass checks its fields in `__post_init__`."""

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """Make settings from what `to_dict` gave or a user typed.

        Raises:
            InvalidSettingError: for an unknown name or a value outside its range.
        """
        known = [entry.name for entry in fields(cls)]
        for name in settings:
            check_choice("setting", name, known)
        return cls(**settings)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings by name, ready for JSON."""
        return asdict(self)

    def with_settings(self, **settings: Any) -> Self:
        """Return a copy in which `settings` are changed.

        Raises:
            InvalidSettingError: as `from_dict`.
        """
        return self.from_dict(self.to_dict() | settings)


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raise InvalidSettingError unless a value is one of the choices."""
    # What JSON brings may be a list, which cannot even be looked up.
    if not isinstance(value, str) or value not in choices:
        raise InvalidSettingError(f"`{name}` must be one of {', '.join(choices)}. Received: {value}.")


def check_whole(name: str, value: object, lowest: int, highest: int) -> None:
    """Raise InvalidSettingError unless a value is a whole number within bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise InvalidSettingError(f"`{name}` must be a whole number from {lowest} to {highest}. Received: {value}.")


def check_real(name: str, value: object, lowest: float, highest: float) -> None:
    """Raise InvalidSettingError unless a value is a number within bounds."""
    if not is_number(value) or not lowest <= value <= highest:  # type: ignore[operator]
        raise InvalidSettingError(f"`{name}` must be a number from {lowest} to {highest}. Received: {value}.")


def is_number(value: object) -> bool:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
