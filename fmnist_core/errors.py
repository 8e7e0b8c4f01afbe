"""What can go wrong in ways that a user can mend. Each message states the rule, then the value."""


class FmnistError(Exception):
    """Base of every error that is meant to be read by a user.

    The message is a complete sentence that can be shown as it is; no traceback is needed.
    """


class InvalidSettingError(FmnistError, ValueError):
    """A setting is outside its range or does not fit the others."""


class DataUnavailableError(FmnistError):
    """Fashion-MNIST is neither on this machine nor to be had from any known source."""


class RunNotFoundError(FmnistError, LookupError):
    """No run of that name, or its folder lacks what is asked for."""


class NetworkNotFoundError(FmnistError, LookupError):
    """No network of one's own of that name."""


class NetworkExistsError(FmnistError):
    """Another network of that name is there already."""


class StorageError(FmnistError):
    """The lab's folder cannot be written: its disk is full or it is read-only."""


class InvalidPictureError(FmnistError, ValueError):
    """What was handed in cannot be read as a picture."""


class ProjectionNotFoundError(FmnistError, LookupError):
    """No projection or list of items of that name."""


class SearchNotFoundError(FmnistError, LookupError):
    """No search of that name, or it lacks what is asked for."""


class SearchExistsError(FmnistError):
    """Another search of that name is there already."""


class RefusedFileError(FmnistError, ValueError):
    """A file from elsewhere is damaged, too large, not what it should be, or could run code."""


class ClassroomNotFoundError(FmnistError, LookupError):
    """No class of that name, or it has no such cell."""


class ClassroomExistsError(FmnistError):
    """Another class of that name is there already."""
