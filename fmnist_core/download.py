"""Fetch a file over HTTP, going on where an earlier attempt stopped."""

import http.client
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

# Seconds without an answer or without a byte; someone who is offline should not have to wait for more.
TIMEOUT = 10
_CHUNK = 1 << 16


def download(url: str, part: Path, size: int, advance: Callable[[int], None]) -> None:
    """Bring the file `part` to `size` bytes of what `url` serves.

    A connection that breaks is taken up again as long as each attempt brings something.

    Args:
        url: where the file lies.
        part: the file to fill. What it holds already is taken for the beginning, so the caller has to verify the whole.
        size: how many bytes the whole file has.
        advance: called with the number of bytes that are there.

    Raises:
        OSError: if the server cannot be reached, or sends nothing more, or more than `size`.
    """
    _check_reachable(url)
    begun_anew = False
    while (had := _length(part)) != size:
        if had > size:  # not a beginning of this file
            part.unlink()
            had = 0
        try:
            _transfer(url, part, had, size, advance)
        except urllib.error.HTTPError as error:
            if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE or begun_anew or not had:
                raise
            part.unlink()  # the server's file ends before this point
            begun_anew = True
        except (OSError, http.client.HTTPException) as error:
            if _length(part) <= had:
                raise ConnectionError(f"the download failed: {error}") from error


def _transfer(url: str, part: Path, had: int, size: int, advance: Callable[[int], None]) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "fashion-mnist-lab"})
    if had:
        request.add_header("Range", f"bytes={had}-")
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response, part.open("ab") as stream:
        if not str(response.headers["Content-Range"]).startswith(f"bytes {had}-"):
            stream.truncate(0)  # the server starts at the beginning
            had = 0
        coming = response.headers["Content-Length"]
        if coming is not None and had + int(coming) != size:  # a login page, say
            raise ConnectionError(f"{had + int(coming):,} bytes instead of {size:,}")
        while chunk := response.read(_CHUNK):
            if had + len(chunk) > size:
                stream.truncate(0)
                raise ConnectionError(f"more than {size:,} bytes")
            stream.write(chunk)
            had += len(chunk)
            advance(had)
    if had < size:
        raise ConnectionError(f"only {had:,} of {size:,} bytes came")


def _check_reachable(url: str) -> None:
    # Python tries every address of a host in turn, each until the time is up: minutes for a large host
    # behind a wall that swallows packets. One address of each family is enough to know.
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(host):
        return
    failures = []
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            first = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0]
            socket.create_connection((str(first[4][0]), port), timeout=TIMEOUT).close()
            return
        except OSError as error:
            failures.append(error)
    raise failures[0]


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
